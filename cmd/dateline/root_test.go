package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// run calls one command line with an input, and gives its exit code and what
// it wrote.
func run(t *testing.T, in string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = Run(context.Background(), args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	c := &cli{}
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		if cmd.Name() == "help" || cmd.Hidden {
			return
		}
		if cmd.Short == "" || cmd.Example == "" {
			t.Errorf("%s lacks a description or an example", cmd.CommandPath())
		}
		for _, line := range strings.Split(cmd.Example, "\n") {
			if !strings.Contains(line, "dateline") {
				t.Errorf("%s: example %q does not call dateline", cmd.CommandPath(), line)
			}
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(c.root())
}

func TestExitCodes(t *testing.T) {
	f := func(want int, says string, args ...string) {
		t.Helper()
		code, out, errOut := run(t, "", args...)
		if code != want || !strings.Contains(out+errOut, says) {
			t.Errorf("dateline %s: exit %d, want %d, saying %q:\n%s%s", strings.Join(args, " "), code, want, says, out, errOut)
		}
	}
	f(0, "Usage:")
	f(0, "Examples:", "up", "--help")
	f(0, "dateline ", "version")
	f(2, "no command", "nosuch")
	f(2, "no command", "feeds", "nosuch")
	f(2, "--full-text", "feeds", "add", "https://example.org/feed", "--full-text", "sometimes")
	f(2, "unknown flag", "top", "--nosuch")
	f(2, "unexpected argument", "top", "x")
	f(2, "at least one FILE", "import")
	f(2, "want a duration", "spikes", "--step", "soon")
	f(2, "exclude each other", "extract", "--conll", "--jsonl")
	f(2, "--kind", "top", "--kind", "person")
	f(2, "want 2026-01-31", "top", "--from", "yesterday")
	f(1, "no such file", "parse", "no-such-file.xml")
	f(1, "no such file", "config", "--config", "no-such-file.yaml")
}

func TestBrokenConfigurationNamesFileAndLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "dateline.yaml")
	f := func(yaml string, says ...string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, errOut := run(t, "", "config", "--config", file)
		for _, s := range says {
			if code != 1 || !strings.Contains(errOut, s) {
				t.Errorf("%q: exit %d, %q; want 1 and %q", yaml, code, errOut, s)
			}
		}
	}
	f("poll:\n  min_intervall: 5s\n", file, "2:3", "min_intervall")
	f("poll:\n  min_interval: often\n", file, "2:")
	f("poll:\n  min_interval: 1ms\n", "poll.min_interval")
	f("log:\n  level: loud\n", "log.level")
	f("a: [\n", file, "1:")
}

func TestConfigurationFromTheEnvironment(t *testing.T) {
	t.Setenv("DATELINE_FETCH_ALLOW_PRIVATE", "127.0.0.1, 10.0.0.0/8")
	t.Setenv("DATELINE_POLL_MIN_INTERVAL", "1s")
	t.Setenv("DATELINE_KAFKA_PASSWORD", "topsecret")
	t.Setenv("DATELINE_NO_SUCH_KEY", "1")
	code, out, errOut := run(t, "", "config")
	if code != 0 || !strings.Contains(out, "- 10.0.0.0/8") || !strings.Contains(out, "min_interval: 1s") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	if strings.Contains(out+errOut, "topsecret") {
		t.Error("the password is printed")
	}
	if !strings.Contains(errOut, "DATELINE_NO_SUCH_KEY") {
		t.Errorf("a variable that is no key passes without a word: %q", errOut)
	}
	code, out, _ = run(t, "", "config", "--env")
	if code != 0 || !strings.Contains(out, "DATELINE_POLL_MIN_INTERVAL=1s") || strings.Contains(out, "topsecret") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	t.Setenv("DATELINE_ALERT_WINDOWS", "10m, 2h")
	if _, out, _ = run(t, "", "config", "--env"); !strings.Contains(out, "DATELINE_ALERT_WINDOWS=10m0s,2h0m0s\n") {
		t.Errorf("a list of lengths does not read back:\n%s", out)
	}
	t.Setenv("DATELINE_POLL_MIN_INTERVAL", "often")
	if code, _, errOut = run(t, "", "config"); code != 1 || !strings.Contains(errOut, "DATELINE_POLL_MIN_INTERVAL") {
		t.Errorf("exit %d, %q", code, errOut)
	}
}

func TestConfigurationRoundTrip(t *testing.T) {
	_, out, _ := run(t, "", "config")
	file := filepath.Join(t.TempDir(), "dateline.yaml")
	if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	code, again, errOut := run(t, "", "config", "--config", file)
	if code != 0 || again != out {
		t.Errorf("exit %d, %s: what config prints does not read back", code, errOut)
	}
}

const rss = `<rss version="2.0"><channel><title>Courier</title><link>https://courier.example/</link>
<item><title>Harbour reopens &amp; trade resumes</title><link>/2026/harbour</link><guid isPermaLink="false">a1</guid>
<pubDate>Sun, 01 Mar 2026 10:00:00 +0100</pubDate><description>&lt;p&gt;Ships are back.&lt;/p&gt;</description></item>
</channel></rss>`

func TestParse(t *testing.T) {
	code, out, errOut := run(t, rss, "parse", "--base", "https://courier.example/feed")
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, errOut)
	}
	for key, want := range map[string]any{
		"guid": "a1", "url": "https://courier.example/2026/harbour", "title": "Harbour reopens & trade resumes",
		"published": "2026-03-01T09:00:00Z", "updated": nil, "salvaged": false,
	} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	if code, _, errOut := run(t, "<html><body>no feed</body></html>", "parse"); code != 1 || errOut == "" {
		t.Errorf("a page that is no feed: exit %d, %q", code, errOut)
	}
	if code, _, errOut := run(t, "", "parse", "-"); code != 1 || errOut == "" {
		t.Errorf("nothing: exit %d, %q", code, errOut)
	}
}

func TestExtract(t *testing.T) {
	const text = "Angela Merkel met officials of the United Nations in Geneva."
	code, out, _ := run(t, text, "extract")
	var got struct {
		Mentions []struct {
			Start, End int
			Text, Kind string
			EntityID   string `json:"entity_id"`
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 || len(got.Mentions) != 3 {
		t.Fatalf("exit %d, %v: %s", code, err, out)
	}
	for i, kind := range []string{"PER", "ORG", "LOC"} {
		m := got.Mentions[i]
		if m.Kind != kind || text[m.Start:m.End] != m.Text {
			t.Errorf("mention %d is %+v, want a %s whose offsets give its text", i, m, kind)
		}
	}
	code, out, errOut := run(t, "{\"id\":1,\"text\":\"Paris.\"}\nbroken\n{\"id\":3,\"text\":\"\"}\n", "extract", "--jsonl")
	if lines := strings.Count(out, "\n"); code != 1 || lines != 3 || !strings.Contains(errOut, "line 2") {
		t.Errorf("exit %d, %d lines, %q; want 1, one line for each, and the number of the broken one", code, lines, errOut)
	}
	_, out, _ = run(t, "-DOCSTART-\n\nAngela\tX\nMerkel\nspoke\n.\n\n", "extract", "--conll")
	if want := "-DOCSTART-\tO\n\nAngela\tB-PER\nMerkel\tI-PER\nspoke\tO\n.\tO\n\n"; out != want {
		t.Errorf("got %q, want %q", out, want)
	}
}

func TestExtractReadsGzipAndTellsOfMissingTexts(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte(`{"id":1,"content":"Paris."}` + "\n" + `{"id":2,"text":""}`)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	code, out, errOut := run(t, z.String(), "extract", "--jsonl", "-")
	if code != 0 || strings.Count(out, "\n") != 2 || errOut != "stdin: lines with neither \"title\" nor \"text\": 1, the first is line 1\n" {
		t.Errorf("exit %d, out %q, said %q", code, out, errOut)
	}
	code, _, errOut = run(t, z.String()[:20], "extract", "--jsonl")
	if code != 1 || errOut == "" {
		t.Errorf("half a file: exit %d, said %q", code, errOut)
	}
}

func TestDedupe(t *testing.T) {
	text := strings.Repeat("The harbour of Ravenna reopened on Monday after the dredging of its northern basin was finished early. ", 3) +
		"Pilots guided eleven freighters past the new breakwater while the port authority counted the cost at forty million."
	in := jsonOf(t, map[string]any{"id": "a", "text": text}) + jsonOf(t, map[string]any{"id": 7, "text": strings.ToUpper(text)}) +
		jsonOf(t, map[string]any{"id": "c", "text": "Something else entirely happened in another town, where nobody had expected rain in the middle of the week."})
	code, out, _ := run(t, in, "dedupe")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) != 3 {
		t.Fatalf("exit %d: %s", code, out)
	}
	for i, want := range []string{`"kind":"original"`, `"kind":"copy"`, `"kind":"original"`} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("line %d is %s, want %s", i+1, lines[i], want)
		}
	}
	if !strings.Contains(lines[1], `"id":7`) || !strings.Contains(lines[1], `"copy_of":"a"`) {
		t.Errorf("ids are not echoed as they came: %s", lines[1])
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

func TestSpikes(t *testing.T) {
	in := "timestamp,value\n2026-03-01 00:00:00,3\n2026-03-01 00:05:00,4\n"
	code, out, _ := run(t, in, "spikes", "--step", "5m")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) != 3 || lines[0] != "timestamp,value,expected,score,alert" || !strings.HasPrefix(lines[2], "2026-03-01 00:05:00,4,") {
		t.Errorf("exit %d: %s", code, out)
	}
	if code, _, errOut := run(t, in+"2026-03-01 00:10:00,many\n", "spikes"); code != 1 || !strings.Contains(errOut, "line 4") {
		t.Errorf("a broken row: exit %d, %q", code, errOut)
	}
}
