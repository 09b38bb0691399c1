package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/dateline/dateline/consumers/alert"
	"github.com/dateline/dateline/consumers/enrich"
	"github.com/dateline/dateline/consumers/land"
	"github.com/dateline/dateline/consumers/learn"
	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/watch"
	"github.com/dateline/dateline/pkg/web"
	"github.com/dateline/dateline/producers/page"
	"github.com/dateline/dateline/producers/poll"
	"github.com/goccy/go-yaml"
)

// Config is the whole configuration: each section belongs to its package.
type Config struct {
	Data       string        `yaml:"data"` // data directory of the embedded engines
	Log        LogConfig     `yaml:"log"`
	Engine     engine.Config `yaml:"engine"`
	Kafka      bus.Config    `yaml:"kafka"`
	ClickHouse store.Config  `yaml:"clickhouse"`
	Fetch      fetch.Config  `yaml:"fetch"`
	Poll       poll.Config   `yaml:"poll"`
	Page       page.Config   `yaml:"page"`
	Enrich     enrich.Config `yaml:"enrich"`
	Watchlist  watch.Config  `yaml:"watchlist"`
	Land       land.Config   `yaml:"land"`
	Learn      learn.Config  `yaml:"learn"`
	Alert      alert.Config  `yaml:"alert"`
	Web        web.Config    `yaml:"web"`
	Metrics    MetricsConfig `yaml:"metrics"`
}

// MetricsConfig is about roles that run alone; with `up` the dashboard serves
// health and metrics.
type MetricsConfig struct {
	Listen string `yaml:"listen"` // host:port for /healthz, /readyz and /metrics; empty: none
}

// LogConfig says what is logged, to stderr.
type LogConfig struct {
	Level  string `yaml:"level"`  // debug, info, warn or error
	Format string `yaml:"format"` // text or json
}

// Validate tells what is wrong with the configuration.
func (c LogConfig) Validate() error {
	var errs []error
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Level) {
		errs = append(errs, fmt.Errorf("log.level is %q, want debug, info, warn or error", c.Level))
	}
	if c.Format != "text" && c.Format != "json" {
		errs = append(errs, fmt.Errorf("log.format is %q, want text or json", c.Format))
	}
	return errors.Join(errs...)
}

// DefaultConfig runs everything on this machine.
func DefaultConfig() Config {
	return Config{
		Data: "./data", Log: LogConfig{Level: "info", Format: "text"},
		Engine: engine.DefaultConfig(), Kafka: bus.DefaultConfig(), ClickHouse: store.DefaultConfig(),
		Fetch: fetch.Config{}.WithDefaults(), Poll: poll.DefaultConfig(), Page: page.DefaultConfig(), Enrich: enrich.DefaultConfig(), Watchlist: watch.DefaultConfig(),
		Land: land.DefaultConfig(), Learn: learn.DefaultConfig(), Alert: alert.DefaultConfig(), Web: web.DefaultConfig(),
	}
}

// Validate tells all that is wrong with the configuration.
func (c *Config) Validate() error {
	return errors.Join(c.Log.Validate(), c.Engine.Validate(), c.Kafka.Validate(), c.ClickHouse.Validate(), c.Fetch.Validate(),
		c.ClickHouse.Retention.Validate(c.Land.Judge.Copies.Window, time.Duration(c.Alert.BaselineDays)*24*time.Hour),
		c.Poll.Validate(), c.Page.Validate(), c.Enrich.Validate(), c.Watchlist.Validate(), c.Land.Validate(), c.Learn.Validate(), c.Alert.Validate(), c.Web.Validate())
}

// LoadConfig reads a YAML file, where one is named, over the defaults, and the
// environment over that. A key that does not exist is an error with its place
// in the file; a DATELINE_ variable that is no key is told to warn.
func LoadConfig(file string, environ []string, warn io.Writer) (Config, error) {
	cfg := DefaultConfig()
	if file != "" {
		raw, err := os.ReadFile(file)
		if err != nil {
			return cfg, fmt.Errorf("configuration: %w", err)
		}
		if strings.TrimSpace(string(raw)) != "" {
			dec := yaml.NewDecoder(strings.NewReader(string(raw)), yaml.Strict())
			if err := dec.Decode(&cfg); err != nil && !errors.Is(err, io.EOF) {
				if at := badValue(raw); at != nil {
					err = at
				}
				return cfg, fmt.Errorf("configuration %s: %s", file, yaml.FormatError(err, false, true))
			}
		}
	}
	if err := fromEnv(&cfg, environ, warn); err != nil {
		return cfg, err
	}
	if err := cfg.Validate(); err != nil {
		return cfg, fmt.Errorf("configuration: %w", err)
	}
	return cfg, nil
}

// badValue finds the place of a value that does not fit its key. The decoder
// does not say it of durations.
func badValue(raw []byte) error {
	var bad error
	cfg := DefaultConfig()
	walk(reflect.ValueOf(&cfg).Elem(), "$", ".", func(key string, v reflect.Value) {
		if bad != nil || v.Kind() != reflect.Int64 {
			return
		}
		p, err := yaml.PathString(key)
		if err != nil {
			return
		}
		node, err := p.ReadNode(bytes.NewReader(raw))
		if err != nil {
			return
		}
		if err := setField(v, node.String()); err != nil {
			pos := node.GetToken().Position
			bad = fmt.Errorf("[%d:%d] %s: %q: %w", pos.Line, pos.Column, strings.TrimPrefix(key, "$."), node.String(), err)
		}
	})
	return bad
}

// notKeys are variables with the prefix that are not configuration; so are
// those of the drills, DATELINE_CHAOS_….
var notKeys = []string{"DATELINE_TESTDATA", "DATELINE_CONFIG", "DATELINE_SCREENSHOTS"}

func fromEnv(cfg *Config, environ []string, warn io.Writer) error {
	fields := map[string]reflect.Value{}
	walk(reflect.ValueOf(cfg).Elem(), "DATELINE", "_", func(key string, v reflect.Value) { fields[strings.ToUpper(key)] = v })
	var errs []error
	for _, kv := range environ {
		key, val, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(key, "DATELINE_") || slices.Contains(notKeys, key) || strings.HasPrefix(key, "DATELINE_CHAOS_") {
			continue
		}
		v, ok := fields[key]
		if !ok {
			fmt.Fprintf(warn, "%s is no configuration key; `dateline config --env` lists them\n", key)
			continue
		}
		if err := setField(v, val); err != nil {
			errs = append(errs, fmt.Errorf("%s=%q: %w", key, val, err))
		}
	}
	return errors.Join(errs...)
}

// setField reads a value as YAML would, and a list also as words parted by
// commas.
func setField(v reflect.Value, val string) error {
	switch {
	case v.Kind() == reflect.String:
		v.SetString(val)
		return nil
	case v.Kind() == reflect.Slice && !strings.HasPrefix(strings.TrimSpace(val), "["):
		list := reflect.MakeSlice(v.Type(), 0, 0)
		for w := range strings.SplitSeq(val, ",") {
			if w = strings.TrimSpace(w); w == "" {
				continue
			}
			item := reflect.New(v.Type().Elem()).Elem()
			if err := setField(item, w); err != nil {
				return err
			}
			list = reflect.Append(list, item)
		}
		v.Set(list)
		return nil
	}
	if err := yaml.Unmarshal([]byte(val), v.Addr().Interface()); err != nil {
		return fmt.Errorf("want a %s", v.Type())
	}
	return nil
}

// walk visits every leaf of the configuration with its name, the parts of
// which are joined by sep.
func walk(v reflect.Value, name, sep string, f func(string, reflect.Value)) {
	t := v.Type()
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if tag == "" || tag == "-" {
			continue
		}
		key := name + sep + tag
		if v.Field(i).Kind() == reflect.Struct {
			walk(v.Field(i), key, sep, f)
		} else {
			f(key, v.Field(i))
		}
	}
}

// EnvKeys lists the environment variables that are read, with the values in
// force; secrets are masked.
func (c Config) EnvKeys() []string {
	var out []string
	masked := c.masked()
	walk(reflect.ValueOf(&masked).Elem(), "DATELINE", "_", func(key string, v reflect.Value) {
		out = append(out, strings.ToUpper(key)+"="+plainValue(v))
	})
	return out
}

// plainValue writes a value as setField reads it.
func plainValue(v reflect.Value) string {
	if v.Kind() != reflect.Slice {
		return fmt.Sprint(v.Interface())
	}
	items := make([]string, v.Len())
	for i := range items {
		items[i] = fmt.Sprint(v.Index(i).Interface())
	}
	return strings.Join(items, ",")
}

// YAML gives the configuration in force; secrets are masked.
func (c Config) YAML() (string, error) {
	b, err := yaml.Marshal(c.masked())
	return string(b), err
}

const mask = "********"

func (c Config) masked() Config {
	for _, s := range []*string{&c.Kafka.Password, &c.ClickHouse.Password, &c.ClickHouse.ReaderPassword} {
		if *s != "" {
			*s = mask
		}
	}
	return c
}
