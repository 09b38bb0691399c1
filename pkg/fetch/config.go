package fetch

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Config bounds what one fetch may cost, here and at the publisher. Zero
// values stand for the defaults.
type Config struct {
	UserAgent string `yaml:"user_agent"` // names the program and a way to reach its owner

	ConnectTimeout time.Duration `yaml:"connect_timeout"` // name resolution and TCP; default 10s
	TLSTimeout     time.Duration `yaml:"tls_timeout"`     // default 10s
	HeaderTimeout  time.Duration `yaml:"header_timeout"`  // from the request to the first answer; default 20s
	IdleTimeout    time.Duration `yaml:"idle_timeout"`    // between two pieces of a body; default 15s
	Timeout        time.Duration `yaml:"timeout"`         // everything, redirects included; default 60s
	MinRate        int           `yaml:"min_rate"`        // bytes a second, below which a body is given up after idle_timeout; default 256

	MaxBody      int64 `yaml:"max_body"`      // bytes after decompression; default 20 MiB
	MaxHeader    int64 `yaml:"max_header"`    // bytes; default 64 KiB
	MaxRatio     int   `yaml:"max_ratio"`     // of decompression, beyond the first MiB; default 250
	MaxRedirects int   `yaml:"max_redirects"` // default 8

	// AllowPrivate lists the private, loopback and link-local addresses that
	// may be reached: addresses, prefixes in CIDR form, either with a port, or
	// localhost. Hosts so named are the user's own and are not throttled.
	AllowPrivate []string `yaml:"allow_private"`

	HostRate    float64 `yaml:"host_rate"`    // requests a second to one host; default 1
	HostBurst   int     `yaml:"host_burst"`   // requests at once after a pause; default 4
	HostSlots   int     `yaml:"host_slots"`   // requests in flight to one host; default 2
	DomainRate  float64 `yaml:"domain_rate"`  // requests a second to one registrable domain; default 4
	DomainBurst int     `yaml:"domain_burst"` // default 16

	IdleConns int `yaml:"idle_conns"` // kept open for reuse; default 512

	// Secrets is the folder of the files with headers, credentials, cookies and
	// proxies that feeds name; see Vault. Empty: none.
	Secrets string `yaml:"secrets"`
}

// DefaultUserAgent is how dateline names itself.
const DefaultUserAgent = "dateline/1 (+https://github.com/dateline/dateline)"

// WithDefaults fills in what is not set.
func (c Config) WithDefaults() Config {
	def(&c.UserAgent, DefaultUserAgent)
	def(&c.ConnectTimeout, 10*time.Second)
	def(&c.TLSTimeout, 10*time.Second)
	def(&c.HeaderTimeout, 20*time.Second)
	def(&c.IdleTimeout, 15*time.Second)
	def(&c.Timeout, time.Minute)
	def(&c.MinRate, 256)
	def(&c.MaxBody, 20<<20)
	def(&c.MaxHeader, 64<<10)
	def(&c.MaxRatio, 250)
	def(&c.MaxRedirects, 8)
	def(&c.HostRate, 1)
	def(&c.HostBurst, 4)
	def(&c.HostSlots, 2)
	def(&c.DomainRate, 4)
	def(&c.DomainBurst, 16)
	def(&c.IdleConns, 512)
	return c
}

func def[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Validate says everything that is wrong with a configuration, by the names of
// its keys.
func (c Config) Validate() error {
	c = c.WithDefaults()
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if strings.Contains(c.UserAgent, "Mozilla") {
		bad("user_agent: %q poses as a browser; publishers block that, name yourself", c.UserAgent)
	}
	if !strings.Contains(c.UserAgent, "http://") && !strings.Contains(c.UserAgent, "https://") && !strings.Contains(c.UserAgent, "@") {
		bad("user_agent: %q has no address at which a publisher can reach you; add (+https://…) or a mail address", c.UserAgent)
	}
	if strings.ContainsAny(c.UserAgent, "\r\n") {
		bad("user_agent: must be one line")
	}
	for name, d := range map[string]time.Duration{"connect_timeout": c.ConnectTimeout, "tls_timeout": c.TLSTimeout,
		"header_timeout": c.HeaderTimeout, "idle_timeout": c.IdleTimeout, "timeout": c.Timeout} {
		if d < 0 || d > time.Hour {
			bad("%s: %v is not between 0 and 1h", name, d)
		}
	}
	for name, n := range map[string]float64{"max_body": float64(c.MaxBody), "max_header": float64(c.MaxHeader), "max_ratio": float64(c.MaxRatio),
		"min_rate": float64(c.MinRate), "host_rate": c.HostRate, "domain_rate": c.DomainRate, "host_burst": float64(c.HostBurst),
		"domain_burst": float64(c.DomainBurst), "host_slots": float64(c.HostSlots), "max_redirects": float64(c.MaxRedirects), "idle_conns": float64(c.IdleConns)} {
		if !(n > 0) {
			bad("%s: %v is not above 0", name, n)
		}
	}
	if _, err := parseAllow(c.AllowPrivate); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
