import edu.stanford.nlp.ie.crf.CRFClassifier;
import edu.stanford.nlp.ling.CoreAnnotations.AnswerAnnotation;
import edu.stanford.nlp.ling.CoreLabel;
import edu.stanford.nlp.process.CoreLabelTokenFactory;
import edu.stanford.nlp.process.PTBTokenizer;
import edu.stanford.nlp.process.WordToSentenceProcessor;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.StringReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Has Stanford's CRFs label the texts of prepare.py.
 *
 * <pre>java -Xmx3g -cp 'JARS/*' Label.java [--tokens] TEXTS.tsv.gz OUT.tsv.gz MODEL…</pre>
 *
 * One line a document: its id, a tab, its tokens in order, parted by a blank; before each sentence
 * stands "|". A token is "gap,length,tags": bytes (UTF-8) between the end of the token before and
 * its start, its bytes, and one letter a model (P person, G organisation, L location, M other name,
 * O none; dates and amounts are O). A paragraph is never joined with the next. With --tokens the
 * texts are tokens parted by single blanks, a sentence a paragraph, and stay as they are. Prints
 * the processor time of tokenising and labelling, without loading.
 */
public class Label {
  private static final String OPTIONS = "invertible=true,splitHyphenated=false,splitForwardSlash=false,untokenizable=noneKeep";

  public static void main(String[] args) throws Exception {
    boolean split = args[0].equals("--tokens");
    args = split ? Arrays.copyOfRange(args, 1, args.length) : args;
    List<CRFClassifier<CoreLabel>> models = new ArrayList<>();
    for (int i = 2; i < args.length; i++) {
      models.add(CRFClassifier.getClassifier(args[i]));
    }
    long tokens = 0, began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    try (BufferedReader in = new BufferedReader(new InputStreamReader(
            new GZIPInputStream(new FileInputStream(args[0]), 1 << 16), StandardCharsets.UTF_8));
        BufferedWriter out = new BufferedWriter(new OutputStreamWriter(
            new GZIPOutputStream(new FileOutputStream(args[1]), 1 << 16), StandardCharsets.UTF_8))) {
      for (String line; (line = in.readLine()) != null; ) {
        String[] field = line.split("\t", -1);
        StringBuilder row = new StringBuilder(field[0]).append('\t');
        tokens += label(models, unescape(field[2]), split, row);
        out.append(row).append('\n');
      }
    }
    long spent = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - began;
    System.err.printf("%s: %d tokens, %.0f a second of CPU%n", args[1], tokens, tokens * 1e9 / spent);
  }

  private static long label(
      List<CRFClassifier<CoreLabel>> models, String text, boolean split, StringBuilder row) {
    Bytes bytes = new Bytes(text);
    WordToSentenceProcessor<CoreLabel> splitter = new WordToSentenceProcessor<>();
    long n = 0;
    int end = 0; // byte offset where the last token ended
    for (int from = 0; from < text.length(); ) {
      int to = text.indexOf("\n\n", from);
      to = to < 0 ? text.length() : to;
      String paragraph = text.substring(from, to);
      List<List<CoreLabel>> sentences = split
          ? List.of(blanks(paragraph))
          : splitter.process(new PTBTokenizer<>(
              new StringReader(paragraph), new CoreLabelTokenFactory(true), OPTIONS).tokenize());
      for (List<CoreLabel> sentence : sentences) {
        char[][] tags = new char[models.size()][];
        for (int m = 0; m < tags.length; m++) {
          tags[m] = tags(models.get(m), sentence);
        }
        row.append("| ");
        for (int i = 0; i < sentence.size(); i++) {
          int a = bytes.at(from + sentence.get(i).beginPosition());
          int b = bytes.at(from + sentence.get(i).endPosition());
          row.append(a - end).append(',').append(b - a).append(',');
          for (char[] t : tags) {
            row.append(t[i]);
          }
          row.append(' ');
          end = b;
        }
        n += sentence.size();
      }
      from = to + 2;
    }
    return n;
  }

  private static List<CoreLabel> blanks(String paragraph) {
    List<CoreLabel> words = new ArrayList<>();
    int at = 0;
    for (String w : paragraph.split(" ")) {
      words.add(new CoreLabelTokenFactory(true).makeToken(w, at, w.length()));
      at += w.length() + 1;
    }
    return words;
  }

  private static char[] tags(CRFClassifier<CoreLabel> model, List<CoreLabel> sentence) {
    List<CoreLabel> copy = new ArrayList<>(sentence.size());
    for (CoreLabel w : sentence) {
      copy.add(new CoreLabel(w));
    }
    List<CoreLabel> labelled = model.classifySentence(copy);
    char[] tags = new char[sentence.size()];
    for (int i = 0; i < tags.length; i++) {
      tags[i] = switch (labelled.get(i).get(AnswerAnnotation.class)) {
        case "PERSON" -> 'P';
        case "ORGANIZATION" -> 'G';
        case "LOCATION" -> 'L';
        case "MISC" -> 'M';
        default -> 'O';
      };
    }
    return tags;
  }

  private static String unescape(String s) {
    StringBuilder b = new StringBuilder(s.length());
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '\\') {
        c = s.charAt(++i);
        c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
      }
      b.append(c);
    }
    return b.toString();
  }

  /** Turns UTF-16 offsets that never go back into UTF-8 offsets. */
  private static final class Bytes {
    private final String text;
    private int chars;
    private int bytes;

    Bytes(String text) {
      this.text = text;
    }

    int at(int offset) {
      for (; chars < offset; chars++) {
        char c = text.charAt(chars);
        bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
      }
      return bytes;
    }
  }
}
