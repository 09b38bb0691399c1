package intake

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// Bounds of the file of tokens.
const (
	minToken  = 16 // characters; shorter ones can be guessed
	maxToken  = 512
	maxTokens = 1 << 20 // bytes of the file
)

// tokens are who may push: names by the hash of their token.
type tokens map[[sha256.Size]byte]string

var clientName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// readTokens reads a file of lines "name token". Blank lines and lines that
// begin with # are passed over; a name may have several tokens, so that one
// can be replaced without a pause. Errors name the line, never a token.
func readTokens(file string) (tokens, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxTokens+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxTokens {
		return nil, fmt.Errorf("%s is larger than %d MB", file, maxTokens>>20)
	}
	out := tokens{}
	sc := bufio.NewScanner(bytes.NewReader(raw))
	sc.Buffer(nil, maxTokens+1)
	for no := 1; sc.Scan(); no++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if err := out.add(strings.Fields(line)); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", file, no, err)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no line holds a name and a token", file)
	}
	return out, nil
}

func (t tokens) add(fields []string) error {
	switch {
	case len(fields) != 2:
		return errors.New("want a name and a token, parted by a space")
	case !clientName.MatchString(fields[0]):
		return errors.New("want a name of at most 64 letters, digits, dots, dashes and underscores")
	case len(fields[1]) < minToken || len(fields[1]) > maxToken:
		return fmt.Errorf("want a token of %d to %d characters; `openssl rand -hex 24` makes one", minToken, maxToken)
	}
	sum := sha256.Sum256([]byte(fields[1]))
	if name, ok := t[sum]; ok && name != fields[0] {
		return fmt.Errorf("%s has the same token as %s", fields[0], name)
	}
	t[sum] = fields[0]
	return nil
}

// client gives the name that a token belongs to. The time it takes tells
// nothing about how near to one a wrong token came.
func (t tokens) client(token string) (name string, ok bool) {
	sum := sha256.Sum256([]byte(token))
	for known, n := range t {
		if subtle.ConstantTimeCompare(known[:], sum[:]) == 1 {
			name, ok = n, true
		}
	}
	return name, ok
}
