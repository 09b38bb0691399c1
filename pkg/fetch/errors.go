package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// Classes of errors, for a metric label.
const (
	ClassURL       = "url"       // not an address that can be fetched
	ClassDNS       = "dns"       // the name has no address
	ClassRefused   = "refused"   // nobody listens, or no way there
	ClassTimeout   = "timeout"   // in one of the phases
	ClassTLS       = "tls"       // certificate or handshake
	ClassProxy     = "proxy"     // the proxy of the feed's secret
	ClassPrivate   = "private"   // a private address that is not allowed
	ClassRedirects = "redirects" // a loop, too many, or to nowhere
	ClassPaused    = "paused"    // a redirect to a host that asks to be left alone for now
	ClassTooLarge  = "too_large" // body or header
	ClassBomb      = "bomb"      // inflates beyond measure
	ClassProtocol  = "protocol"  // not HTTP as it should be, or broken off
	ClassStatus    = "status"    // an answer of 400 or above
	ClassCanceled  = "canceled"  // by the caller
)

// Error is why a fetch failed, in words for the person who has to act.
type Error struct {
	Class  string // one of the Class constants
	Status int    // for ClassStatus
	Msg    string
	Err    error // cause, may be nil
}

func (e *Error) Error() string { return e.Msg }
func (e *Error) Unwrap() error { return e.Err }

// ErrClass gives the class of an error of this package; other for others, and
// an empty string for nil.
func ErrClass(err error) string {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return "other"
}

func fail(class string, cause error, format string, args ...any) *Error {
	return &Error{Class: class, Msg: fmt.Sprintf(format, args...), Err: cause}
}

// explain classifies what went wrong while asking host.
func (c *Client) explain(ctx context.Context, host string, ph phase, access *Access, err error) *Error {
	var already *Error
	if errors.As(err, &already) {
		return already
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	var op *net.OpError
	if p := access.proxyURL(); p != nil && errors.As(err, &op) && (op.Op == "proxyconnect" || op.Op == "socks connect") && ctx.Err() == nil {
		return proxyError(p.Host, access, err)
	}
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var expired x509.CertificateInvalidError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.Is(err, errPrivate):
		return fail(ClassPrivate, err, "%s is at a private address, which is not fetched; add the address to fetch.allow_private if it is yours (%v)", host, rootCause(err))
	case context.Cause(ctx) == errTooLong:
		return fail(ClassTimeout, err, "%s did not %s in time; it may be down or overloaded, trying again later", host, ph.verb())
	case context.Cause(ctx) == errStalled:
		return fail(ClassTimeout, err, "%s sends too slowly (less than %d bytes a second, or nothing for %v); trying again later", host, c.cfg.MinRate, c.cfg.IdleTimeout)
	case errors.Is(ctx.Err(), context.Canceled):
		return fail(ClassCanceled, context.Canceled, "the fetch of %s was broken off by us", host)
	case errors.As(err, &dns):
		if dns.IsTimeout {
			return fail(ClassTimeout, err, "the name %s could not be resolved in time; check the network's name server", host)
		}
		if !dns.IsNotFound {
			return fail(ClassDNS, err, "the name %s could not be looked up (%s); trying again later", host, dns.Err)
		}
		return fail(ClassDNS, err, "the name %s has no address; check its spelling, the site may be gone", host)
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		return fail(ClassTLS, err, "the certificate of %s has expired; the publisher has to renew it (or this machine's clock is wrong)", host)
	case errors.As(err, &name):
		return fail(ClassTLS, err, "the certificate of %s is for another name; check the address", host)
	case errors.As(err, &unknown):
		return fail(ClassTLS, err, "the certificate of %s is signed by nobody this machine trusts; the publisher has to mend it", host)
	case errors.As(err, &record):
		return fail(ClassTLS, err, "%s does not speak TLS on this port; try http:// in place of https://", host)
	case errors.As(err, &cert), errors.As(err, &alert), strings.Contains(err.Error(), "tls: "):
		return fail(ClassTLS, err, "no secure connection to %s (%s); tell the publisher", host, brief(err))
	case isTimeout(err), errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fail(ClassTimeout, err, "%s did not %s in time; it may be down or overloaded, trying again later", host, ph.verb())
	case errors.Is(err, syscall.ECONNREFUSED):
		return fail(ClassRefused, err, "%s refuses connections; it may be down, or the port is wrong", host)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return fail(ClassRefused, err, "there is no way to %s from this machine; check the network", host)
	case strings.Contains(err.Error(), "server response headers exceeded"), strings.Contains(err.Error(), "response header list larger"):
		return fail(ClassTooLarge, err, "%s sends more than %d bytes of headers; raise fetch.max_header if this feed is worth it", host, c.cfg.MaxHeader)
	case strings.Contains(err.Error(), "stream error: "), strings.Contains(err.Error(), "connection error: "), strings.Contains(err.Error(), "GOAWAY"), strings.Contains(err.Error(), "http2: "):
		return fail(ClassProtocol, err, "%s broke the HTTP/2 connection off (%s); trying again later", host, brief(err))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fail(ClassProtocol, err, "%s broke the connection off; trying again later", host)
	}
	return fail(ClassProtocol, err, "%s does not answer as HTTP wants it (%s); check the address, or tell the publisher", host, brief(err))
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

// brief is the innermost error in at most 120 bytes: some quote what a server
// sent.
func brief(err error) string { return fmt.Sprintf("%.120s", rootCause(err)) }

// rootCause gives the innermost error, whose text is the shortest.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// proxyError says why a proxy cannot be used.
func proxyError(proxy string, access *Access, err error) *Error {
	if errors.Is(err, errPrivate) {
		return fail(ClassProxy, err, "the proxy %s of %s is at a private address; add the address to fetch.allow_private if it is yours (%v)", proxy, access, rootCause(err))
	}
	return fail(ClassProxy, err, "the proxy %s of %s cannot be used (%s); check that it runs, and the line proxy of the file", proxy, access, brief(err))
}

// proxyRefusal is what a proxy answers in place of a tunnel.
func proxyRefusal(status int) *Error {
	if status == http.StatusProxyAuthRequired {
		return fail(ClassProxy, nil, "the feed's proxy wants other credentials (407); check user and password in the line proxy of its secret")
	}
	return fail(ClassProxy, nil, "the feed's proxy answers %d %s and gives no way to the publisher; ask who runs the proxy", status, http.StatusText(status))
}

// statusError says what an answer of 400 and above means for the feed. away:
// it came from another origin than the feed's, where credentials do not go.
func statusError(host string, res *Response, access *Access, away bool) *Error {
	advice := "trying again later"
	switch status := res.Status; {
	case status == http.StatusProxyAuthRequired && access.proxyURL() != nil:
		advice = "the feed's proxy wants other credentials; check the line proxy of its secret"
	case status == http.StatusUnauthorized && access != nil && away:
		advice = fmt.Sprintf("the feed leads to another site, to which %s is not sent; give the feed its new address", access)
	case status == http.StatusUnauthorized && access != nil:
		advice = fmt.Sprintf("it does not accept the credentials of %s; check the file", access)
	case status == http.StatusUnauthorized, status == http.StatusProxyAuthRequired:
		advice = "it wants credentials; give the feed a secret that holds them"
	case status == http.StatusPaymentRequired:
		advice = "it wants a subscription"
	case res.Challenge:
		advice = "a firewall asks for a browser; ask the publisher to let this address in, or give credentials"
	case status == http.StatusForbidden:
		advice = "it does not let us in; ask the publisher, or give credentials"
	case status == http.StatusNotFound:
		advice = "there is no feed at this address; check it, the publisher may have moved it"
	case status == http.StatusGone:
		advice = "the publisher has closed this feed; remove it"
	case status == http.StatusTooManyRequests:
		advice = "it is asked too often; slowing down"
	case status == http.StatusUnavailableForLegalReasons:
		advice = "it is withheld for legal reasons"
	case status < 500:
		advice = "it does not accept the request; check the address"
	}
	return &Error{Class: ClassStatus, Status: res.Status,
		Msg: fmt.Sprintf("%s answers %s: %s", host, strings.TrimSpace(fmt.Sprintf("%d %s", res.Status, http.StatusText(res.Status))), advice)}
}
