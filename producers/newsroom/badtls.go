package newsroom

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// secure says which certificate a bad server has; those that have one have a
// listener of their own.
type secure uint8

const (
	insecure secure = iota
	signed          // by the newsroom's CA
	expired
	selfSigned
)

// safe is one TLS listener.
type safe struct {
	net.Listener
	config *tls.Config
}

// authority signs the certificates of a newsroom; it is made anew each time.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(now time.Time) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Newsroom CA"},
		NotBefore: now.AddDate(-2, 0, 0), NotAfter: now.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &authority{cert, key}, err
}

// certificate makes a server's certificate for a host.
func (a *authority) certificate(s secure, host net.IP, now time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(int64(1 + s)), Subject: pkix.Name{CommonName: "Newsroom"},
		NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(1, 0, 0), IPAddresses: []net.IP{host},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	parent, signer := a.cert, a.key
	switch s {
	case expired:
		template.NotBefore, template.NotAfter = now.AddDate(-2, 0, 1), now.AddDate(-1, 0, 0)
	case selfSigned:
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// secureListeners binds a TLS listener for each kind of certificate that an
// outlet needs. Certificates go by the machine's clock, as clients do.
func (n *Newsroom) secureListeners() error {
	needed := map[secure]bool{}
	for i := range n.world.outlets {
		if k := n.world.outlets[i].kind; k != nil && k.secure != insecure {
			needed[k.secure] = true
		}
	}
	if len(needed) == 0 {
		return nil
	}
	now := time.Now()
	ca, err := newAuthority(now)
	if err != nil {
		return fmt.Errorf("newsroom: certificates: %w", err)
	}
	n.ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})
	host, _, err := net.SplitHostPort(n.Addr())
	if err != nil {
		return fmt.Errorf("newsroom: %w", err)
	}
	ip := net.ParseIP(host)
	if ip == nil {
		ip = net.IPv4(127, 0, 0, 1)
	}
	for s := range needed {
		cert, err := ca.certificate(s, ip, now)
		if err != nil {
			return fmt.Errorf("newsroom: certificates: %w", err)
		}
		l, err := net.Listen("tcp", net.JoinHostPort(ip.String(), "0"))
		if err != nil {
			return fmt.Errorf("newsroom: %w", err)
		}
		n.safes = append(n.safes, safe{l, &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2", "http/1.1"}}})
		for i := range n.world.outlets {
			if o := &n.world.outlets[i]; o.kind != nil && o.kind.secure == s {
				o.root = "https://" + l.Addr().String()
			}
		}
	}
	return nil
}

// CA is the certificate, in PEM, that signs those of the bad servers that are
// not bad in that; nil where there is none.
func (n *Newsroom) CA() []byte { return n.ca }
