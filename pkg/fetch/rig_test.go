package fetch

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// client gives one that may reach loopback, with small limits and much time.
func client(t *testing.T, change func(*Config)) *Client {
	t.Helper()
	cfg := Config{AllowPrivate: []string{"127.0.0.1"}, MaxBody: 1 << 20, MaxHeader: 4 << 10}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// hasty is for servers that hang.
func hasty(cfg *Config) {
	cfg.TLSTimeout, cfg.HeaderTimeout, cfg.IdleTimeout = 100*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// raw serves one hand-written answer to each connection; the connection stays
// open until the client goes.
func raw(t *testing.T, answer string, hold bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buf := make([]byte, 4096)
				if _, err := conn.Read(buf); err != nil {
					return
				}
				_, _ = io.WriteString(conn, answer)
				if hold {
					_, _ = io.Copy(io.Discard, conn)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/"
}

func wantClass(t *testing.T, what string, err error, class string, words ...string) {
	t.Helper()
	if ErrClass(err) != class {
		t.Errorf("%s: class %q (%v), want %q", what, ErrClass(err), err, class)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: %q does not say %q", what, err, w)
		}
	}
}

// endless serves head and then piece for as long as the client takes it.
// written gives, once the connection is over, how many bytes were let out.
func endless(t *testing.T, head, piece string) (url string, written func() int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	sum := make(chan int64, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		if _, err := conn.Read(make([]byte, 4096)); err != nil {
			return
		}
		n, err := io.WriteString(conn, head)
		total := int64(n)
		for err == nil {
			n, err = io.WriteString(conn, piece)
			total += int64(n)
		}
		sum <- total
	}()
	return "http://" + l.Addr().String() + "/", func() int64 { return <-sum }
}

// authority signs certificates for tests, and is trusted by clients of trust.
type authority struct {
	cert  *x509.Certificate
	key   *ecdsa.PrivateKey
	roots *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{cert: cert, key: key, roots: x509.NewCertPool()}
	a.roots.AddCert(cert)
	return a
}

// sign gives a certificate for 127.0.0.1 and the names that holds for an hour
// after from.
func (a *authority) sign(t *testing.T, from time.Time, names ...string) tls.Certificate {
	t.Helper()
	form := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: from, NotAfter: from.Add(time.Hour), DNSNames: names}
	if len(names) == 0 {
		form.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, form, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
}

// trust gives a client that trusts the authority.
func (a *authority) trust(t *testing.T, change func(*Config)) *Client {
	t.Helper()
	c := client(t, change)
	c.routes.tls = &tls.Config{RootCAs: a.roots}
	return c
}

// secure serves over TLS what handle does with each connection.
func secure(t *testing.T, cert tls.Certificate, protocols []string, handle func(conn *tls.Conn)) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: protocols})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if tc := conn.(*tls.Conn); tc.Handshake() == nil {
					handle(tc)
				}
			}()
		}
	}()
	return "https://" + l.Addr().String() + "/"
}

// canned answers every request on a connection with the same bytes, as cheaply
// as can be, so that what is measured is the client.
func canned(tb testing.TB, answer []byte) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buf := make([]byte, 8<<10)
				n := 0
				for {
					m, err := conn.Read(buf[n:])
					if err != nil {
						return
					}
					if n += m; !bytes.HasSuffix(buf[:n], []byte("\r\n\r\n")) {
						continue
					}
					n = 0
					if _, err := conn.Write(answer); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/feed.xml"
}
