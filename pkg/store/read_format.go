package store

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// sqlType is a parsed type of ClickHouse: DateTime64(3, 'UTC') has two args.
type sqlType struct {
	name  string
	label string // of an element of a named tuple
	args  []sqlType
}

// parseType reads a type as ClickHouse writes it. It never fails: what it does
// not understand becomes a name.
func parseType(s string) sqlType {
	s = strings.TrimSpace(s)
	open := strings.IndexByte(s, '(')
	if open < 0 || !strings.HasSuffix(s, ")") {
		return sqlType{name: s}
	}
	t := sqlType{name: s[:open]}
	body, depth, start, quote := s[open+1:len(s)-1], 0, 0, byte(0)
	for i := 0; i <= len(body); i++ {
		if i < len(body) {
			switch c := body[i]; {
			case quote != 0:
				if c == '\\' {
					i++
				} else if c == quote {
					quote = 0
				}
				continue
			case c == '\'' || c == '`' || c == '"':
				quote = c
				continue
			case c == '(':
				depth++
				continue
			case c == ')':
				depth--
				continue
			case c != ',' || depth > 0:
				continue
			}
		}
		arg, label := strings.TrimSpace(body[start:min(i, len(body))]), ""
		if t.name == "Tuple" || t.name == "Nested" {
			label, arg = splitLabel(arg)
		}
		child := parseType(arg)
		child.label = label
		t.args = append(t.args, child)
		start = i + 1
	}
	return t
}

// splitLabel parts `name Type`; a Type alone has no blank before its arguments.
func splitLabel(s string) (label, kind string) {
	if strings.HasPrefix(s, "`") {
		if end := strings.IndexByte(s[1:], '`'); end >= 0 {
			return s[1 : 1+end], strings.TrimSpace(s[end+2:])
		}
	}
	head, _, _ := strings.Cut(s, "(")
	if i := strings.IndexByte(head, ' '); i > 0 {
		return s[:i], strings.TrimSpace(s[i+1:])
	}
	return "", s
}

func (t sqlType) arg(i int) sqlType {
	if i < len(t.args) {
		return t.args[i]
	}
	return sqlType{}
}

// bare drops what does not change how a value is written.
func (t sqlType) bare() sqlType {
	for (t.name == "Nullable" || t.name == "LowCardinality") && len(t.args) == 1 {
		t = t.args[0]
	}
	if t.name == "SimpleAggregateFunction" && len(t.args) == 2 {
		return t.args[1].bare()
	}
	return t
}

// format writes values: as JSON with integers of 64 bits and more as strings,
// or as the text that ClickHouse itself would show.
type format struct{ json bool }

// append writes one value of a type. Nested text values are quoted.
func (f format) append(b []byte, v any, t sqlType, nested bool) []byte {
	t = t.bare()
	switch x := v.(type) {
	case nil:
		return f.null(b)
	case string:
		return f.text(b, x, nested)
	case bool:
		return strconv.AppendBool(b, x)
	case int64:
		return f.long(b, strconv.FormatInt(x, 10))
	case uint64:
		return f.long(b, strconv.FormatUint(x, 10))
	case big.Int:
		return f.long(b, x.String())
	case float32:
		return f.float(b, float64(x), 32)
	case float64:
		return f.float(b, x, 64)
	case decimal.Decimal:
		return append(b, x.String()...)
	case time.Time:
		return f.text(b, timeText(x, t), nested)
	case time.Duration:
		return f.text(b, clockText(x, t), nested)
	case uuid.UUID:
		return f.text(b, x.String(), nested)
	case net.IP:
		return f.text(b, x.String(), nested)
	case clickhouse.Variant:
		return f.append(b, x.Any(), parseType(x.Type()), nested)
	case clickhouse.JSON:
		raw, err := x.MarshalJSON()
		if err != nil {
			return f.text(b, err.Error(), nested)
		}
		return append(b, raw...)
	}
	return f.reflected(b, reflect.ValueOf(v), t, nested)
}

func (f format) reflected(b []byte, v reflect.Value, t sqlType, nested bool) []byte {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return f.null(b)
		}
		return f.append(b, v.Elem().Interface(), t, nested)
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint, reflect.Uint64:
		return strconv.AppendUint(b, v.Uint(), 10)
	case reflect.Slice, reflect.Array:
		return f.list(b, v, t)
	case reflect.Map:
		return f.pairs(b, v, t)
	}
	if s, ok := v.Interface().(fmt.Stringer); ok {
		return f.text(b, s.String(), nested)
	}
	return f.text(b, fmt.Sprint(v.Interface()), nested)
}

func (f format) null(b []byte) []byte {
	if f.json {
		return append(b, "null"...)
	}
	return append(b, "NULL"...)
}

func (f format) text(b []byte, s string, nested bool) []byte {
	switch {
	case f.json:
		return appendJSONString(b, s)
	case nested:
		return append(b, "'"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s)+"'"...)
	}
	return append(b, s...)
}

func appendJSONString(b []byte, s string) []byte {
	var sb strings.Builder
	enc := json.NewEncoder(&sb)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return append(b, strings.TrimSuffix(sb.String(), "\n")...)
}

func (f format) long(b []byte, digits string) []byte {
	if f.json {
		return append(append(append(b, '"'), digits...), '"')
	}
	return append(b, digits...)
}

// float writes what JSON cannot hold as null, as ClickHouse does.
func (f format) float(b []byte, x float64, bits int) []byte {
	switch {
	case f.json && (math.IsNaN(x) || math.IsInf(x, 0)):
		return append(b, "null"...)
	case math.IsNaN(x):
		return append(b, "nan"...)
	case math.IsInf(x, 0):
		return append(b, strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(x, 'f', -1, 64)), "+")...)
	case x != 0 && (math.Abs(x) < 1e-6 || math.Abs(x) >= 1e21):
		return strconv.AppendFloat(b, x, 'e', -1, bits)
	}
	return strconv.AppendFloat(b, x, 'f', -1, bits)
}

// timeText writes a time in the zone of its type, else in the one that the
// driver gave it, the server's.
func timeText(x time.Time, t sqlType) string {
	zone := t.arg(0).name
	if t.name == "DateTime64" {
		zone = t.arg(1).name
	}
	if zone = strings.Trim(zone, "'"); zone != "" {
		if loc, err := time.LoadLocation(zone); err == nil {
			x = x.In(loc)
		}
	}
	switch t.name {
	case "Date", "Date32":
		return x.Format("2006-01-02")
	case "DateTime64":
		if n, err := strconv.Atoi(t.arg(0).name); err == nil && n > 0 && n <= 9 {
			return x.Format("2006-01-02 15:04:05." + strings.Repeat("0", n))
		}
	}
	return x.Format("2006-01-02 15:04:05")
}

// clockText writes a Time or Time64, which may lie outside of a day.
func clockText(d time.Duration, t sqlType) string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	s := fmt.Sprintf("%s%03d:%02d:%02d", sign, int(d/time.Hour), int(d/time.Minute)%60, int(d/time.Second)%60)
	if n, err := strconv.Atoi(t.arg(0).name); t.name == "Time64" && err == nil && n > 0 && n <= 9 {
		s += fmt.Sprintf(".%09d", d%time.Second)[:n+1]
	}
	return s
}

// list writes an array, or a tuple without names.
func (f format) list(b []byte, v reflect.Value, t sqlType) []byte {
	tuple := t.name == "Tuple" || t.name == "Point"
	open, end := byte('['), byte(']')
	if tuple && !f.json {
		open, end = '(', ')'
	}
	b = append(b, open)
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		child := t.arg(0)
		if tuple {
			child = t.arg(i)
		}
		b = f.append(b, v.Index(i).Interface(), child, true)
	}
	return append(b, end)
}

// pairs writes a map, in the order of its keys, or a named tuple in its own.
func (f format) pairs(b []byte, v reflect.Value, t sqlType) []byte {
	if t.name == "Tuple" {
		open, end := byte('{'), byte('}')
		if !f.json {
			open, end = '(', ')'
		}
		b = append(b, open)
		for i, a := range t.args {
			if i > 0 {
				b = append(b, ',')
			}
			if f.json {
				b = append(appendJSONString(b, a.label), ':')
			}
			var value any
			if e := v.MapIndex(reflect.ValueOf(a.label)); e.IsValid() {
				value = e.Interface()
			}
			b = f.append(b, value, a, true)
		}
		return append(b, end)
	}
	type pair struct {
		key string
		k   reflect.Value
	}
	var all []pair
	for _, k := range v.MapKeys() {
		all = append(all, pair{string(format{}.append(nil, k.Interface(), t.arg(0), false)), k})
	}
	slices.SortFunc(all, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	b = append(b, '{')
	for i, p := range all {
		if i > 0 {
			b = append(b, ',')
		}
		if f.json {
			b = appendJSONString(b, p.key)
		} else {
			b = f.append(b, p.k.Interface(), t.arg(0), true)
		}
		b = append(b, ':')
		b = f.append(b, v.MapIndex(p.k).Interface(), t.arg(1), true)
	}
	return append(b, '}')
}
