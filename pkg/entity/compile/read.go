package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

// lines calls f for every line of a gzip file of the input folder.
func (c *compiler) lines(name string, f func(string) error) error {
	return gzLines(filepath.Join(c.in, name), f)
}

func gzLines(path string, f func(string) error) error {
	fd, err := os.Open(path)
	if err != nil {
		return err
	}
	defer fd.Close()
	zr, err := gzip.NewReader(fd)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	sc := bufio.NewScanner(zr)
	sc.Buffer(make([]byte, 0, 1<<20), 1<<26)
	for n := 1; sc.Scan(); n++ {
		if err := f(sc.Text()); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	return sc.Err()
}

// table calls f for every row of a TSV file, by the names of its header.
func (c *compiler) table(name string, f func(map[string]string)) error {
	var head []string
	return c.lines(name, func(s string) error {
		cells := strings.Split(s, "\t")
		if head == nil {
			head = cells
			return nil
		}
		m := make(map[string]string, len(head))
		for i, h := range head {
			if i < len(cells) {
				m[h] = cells[i]
			}
		}
		f(m)
		return nil
	})
}

var wordRE = regexp.MustCompile(`[\p{L}\p{M}]+(?:['’][\p{L}]+)*`)

// countWords marks as common the words which articles write small more often
// than large, where a sentence does not force a capital.
func (c *compiler) countWords(path string) error {
	type count struct{ low, up int }
	seen := map[string]*count{}
	err := gzLines(path, func(s string) error {
		var a struct{ Text string }
		if err := json.Unmarshal([]byte(s), &a); err != nil {
			return err
		}
		for _, at := range wordRE.FindAllStringIndex(a.Text, -1) {
			w := a.Text[at[0]:at[1]]
			low := strings.ToLower(w)
			if len(w) < 2 || len(w) > 24 {
				continue
			}
			k := seen[low]
			if k == nil {
				k = &count{}
				seen[low] = k
			}
			if w == low {
				k.low++
			} else if at[0] >= 2 && a.Text[at[0]-1] == ' ' && (a.Text[at[0]-2] == ',' || isLower(a.Text[at[0]-2])) {
				k.up++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for w, k := range seen {
		if k.low >= 4 && k.low*10 >= 4*(k.up+k.low) {
			c.words[w] |= common
		}
	}
	return nil
}

func isLower(b byte) bool { return 'a' <= b && b <= 'z' }

// names reads the lists of given names and surnames.
func (c *compiler) names() error {
	mark := func(w string, class uint32, sure bool) {
		w = strings.ToLower(strings.TrimSpace(w))
		if len(w) < 2 || strings.ContainsAny(w, " -.") || !sure && c.words[w]&common != 0 {
			return
		}
		c.words[w] |= class
	}
	err := c.lines("given-names.txt.gz", func(s string) error { mark(s, given, false); return nil })
	if err != nil {
		return err
	}
	if err := c.lines("surnames.txt.gz", func(s string) error { mark(s, surname, false); return nil }); err != nil {
		return err
	}
	if err := c.table("us-census-1990.tsv.gz", func(m map[string]string) {
		var rank int
		fmt.Sscan(m["rank"], &rank)
		if low := strings.ToLower(m["name"]); rank <= 2500 && m["kind"] == "surname" {
			c.popular[low] |= surname
		} else if rank <= 400 && m["kind"] != "surname" {
			c.popular[low] |= given
		}
		if sex, ok := strings.CutPrefix(m["kind"], "given-"); ok {
			var percent float64
			fmt.Sscan(m["percent"], &percent)
			percent = max(percent, 0.0005)
			low := strings.ToLower(m["name"])
			c.shares[sex[:1]+low] = percent
			m, f := c.shares["m"+low], c.shares["f"+low]
			switch {
			case m > 12*f:
				c.genders[low] = "m"
			case f > 12*m:
				c.genders[low] = "f"
			default:
				c.genders[low] = "" // "Kerry", "Leslie"
			}
		}
		if m["kind"] == "surname" {
			mark(m["name"], surname, rank <= 1500)
		} else {
			mark(m["name"], given, rank <= 250)
		}
	}); err != nil {
		return err
	}
	for file, class := range map[string]uint32{"popular-forenames.tsv.gz": given, "popular-surnames.tsv.gz": surname} {
		if err := c.table(file, func(m map[string]string) {
			mark(m["romanized_name"], class, false)
			low := strings.ToLower(m["romanized_name"])
			c.popular[low] |= class
			if sex := strings.ToLower(m["gender"]); sex == "m" || sex == "f" {
				if old, ok := c.genders[low]; !ok {
					c.genders[low] = sex
				} else if old != sex {
					c.genders[low] = ""
				}
			}
			mark(m["localized_name"], class, false)
		}); err != nil {
			return err
		}
	}
	for w, sex := range c.genders {
		if sex == "" || strings.ContainsAny(w, " \t") || !isLatin(w) {
			delete(c.genders, w)
		}
	}
	// Spellings of one name part in other scripts and systems: only forms in
	// Latin letters of names that a list above holds.
	err = c.lines("person-variants.txt.gz", func(s string) error {
		left, _, _ := strings.Cut(s, " => ")
		forms := strings.Split(left, ", ")
		var class uint32
		for _, w := range forms {
			class |= c.words[w] & given
		}
		if class == 0 || len(forms) < 8 {
			return nil
		}
		for _, w := range forms {
			if isLatin(w) {
				mark(w, class, false)
			}
		}
		return nil
	})
	return err
}

func isLatin(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) {
			return false
		}
	}
	return s != ""
}
