package fetch

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// routes holds the transports: one for everything that is fetched directly,
// one for what wants plain HTTP/1.1, and one for each proxy in use.
type routes struct {
	cfg  Config
	dial *dialer
	tls  *tls.Config // nil: the machine's own authorities

	sessions tls.ClientSessionCache // spares publishers and us a part of the handshake
	mu       sync.Mutex
	open     []*way // the latest used last
}

type way struct {
	proxy     string
	plain     bool
	transport *http.Transport
}

// maxWays is how many transports are kept. One that is crowded out finishes
// what it has in hand.
const maxWays = 18

// transport gives the way to fetch through a proxy, or directly where it is
// nil.
func (r *routes) transport(proxy *url.URL, plain bool) *http.Transport {
	key := ""
	if proxy != nil {
		key = proxy.String()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.open) - 1; i >= 0; i-- {
		w := r.open[i]
		if w.proxy == key && w.plain == plain {
			if i != len(r.open)-1 {
				r.open = append(slices.Delete(r.open, i, i+1), w)
			}
			return w.transport
		}
	}
	if len(r.open) >= maxWays {
		r.open[0].transport.CloseIdleConnections()
		r.open = slices.Delete(r.open, 0, 1)
	}
	w := &way{proxy: key, plain: plain, transport: r.newTransport(proxy, plain)}
	r.open = append(r.open, w)
	return w.transport
}

// idleTime is how long a connection that nothing uses is kept.
const idleTime = 90 * time.Second

// maxSessions is how many TLS sessions are kept, at some 20 kB each.
const maxSessions = 1024

func newRoutes(cfg Config, d *dialer) *routes {
	return &routes{cfg: cfg, dial: d, sessions: tls.NewLRUClientSessionCache(maxSessions)}
}

func (r *routes) newTransport(proxy *url.URL, plain bool) *http.Transport {
	secure := &tls.Config{}
	if r.tls != nil {
		secure = r.tls.Clone()
	}
	secure.ClientSessionCache = r.sessions
	t := &http.Transport{
		DialContext:            r.dial.dial,
		TLSHandshakeTimeout:    r.cfg.TLSTimeout,
		TLSClientConfig:        secure,
		ResponseHeaderTimeout:  r.cfg.HeaderTimeout,
		MaxResponseHeaderBytes: r.cfg.MaxHeader,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConns:           r.cfg.IdleConns,
		MaxIdleConnsPerHost:    max(ownSlots, r.cfg.HostSlots), // no more than that are ever busy
		IdleConnTimeout:        idleTime,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout: idleTime / 2, PingTimeout: r.cfg.HeaderTimeout, // finds out connections that died in silence
			MaxReceiveBufferPerStream: 1 << 20, MaxReceiveBufferPerConnection: 4 << 20, // what a server may send before it is read
		},
	}
	if plain {
		t.Protocols = new(http.Protocols)
		t.Protocols.SetHTTP1(true)
		t.ForceAttemptHTTP2 = false
	}
	if proxy != nil {
		t.Proxy = http.ProxyURL(proxy)
		t.MaxIdleConns = max(1, r.cfg.IdleConns/8)
		t.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
			if res.StatusCode != http.StatusOK {
				return proxyRefusal(res.StatusCode)
			}
			return nil
		}
	}
	return t
}

func (r *routes) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.open {
		w.transport.CloseIdleConnections()
	}
}
