package bus

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dateline/dateline/pkg/news"
)

// How much of a dead letter's value and of its key is kept, in bytes: what
// others put into a topic may be larger than what dateline sends.
const (
	maxDead    = MaxMessageBytes / 2
	maxDeadKey = 4 << 10
)

// Dead makes the dead letter of a message that a stage cannot use: the same
// value, with where it stood and why in the headers. Its key names the
// message, so that a repeat can be told. It always fits: a value of more than
// 500 KiB is cut, and the header value-bytes then says how long it was; of
// foreign headers only short ones are kept. The header key has the message's
// own key, where it has one of up to 4 KiB.
func (m Message) Dead(stage string, why error) Message {
	h := make(map[string]string, len(m.Headers)+5)
	room := 16 << 10
	for _, k := range slices.Sorted(maps.Keys(m.Headers)) {
		if n := len(k) + len(m.Headers[k]); n <= min(room, 1<<10) {
			h[k], room = m.Headers[k], room-n
		}
	}
	value := m.Value
	if len(value) > maxDead {
		h["value-bytes"] = strconv.Itoa(len(value))
		value = value[:maxDead:maxDead]
	}
	delete(h, "key")
	if m.Key != nil && len(m.Key) <= maxDeadKey {
		h["key"] = string(m.Key)
	}
	h["stage"] = stage
	h["error"] = clip(why.Error(), 1000)
	h["topic"] = m.Topic
	h["partition"] = strconv.Itoa(m.Partition)
	h["offset"] = strconv.FormatInt(m.Offset, 10)
	return Message{
		Topic: news.TopicDeadLetters, Key: fmt.Appendf(nil, "%s/%d/%d", m.Topic, m.Partition, m.Offset),
		Value: value, Headers: h,
	}
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// Headers of a message that was published again out of the dead letters. They
// stay with what becomes of it, and so with the letter that it may become.
const (
	HeaderRetryOf = "retry-of" // offset of the letter in dead-letters
	HeaderAttempt = "attempt"  // how often it has been published again
)

// Onward gives the headers of the message that a stage makes of m.
func (m Message) Onward(stage string) map[string]string {
	h := map[string]string{"stage": stage, "trace": m.Headers["trace"]}
	for _, k := range []string{HeaderRetryOf, HeaderAttempt} {
		if v, ok := m.Headers[k]; ok {
			h[k] = v
		}
	}
	return h
}
