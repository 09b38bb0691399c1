package news

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// KnowledgeForget is the type of the pieces of knowledge that are tombstones:
// an article, or everything of a site, is to be forgotten and must not come
// back. Their names are those of a Tombstone.
const KnowledgeForget = "forget"

// FromForgotten stands in text_from of what has been forgotten: the row is
// left for the denominators, nothing of the text is.
const FromForgotten = "forgotten"

// Tombstone says what is to be forgotten: one article, or a site.
type Tombstone struct {
	Article ID     // 0: a site
	Site    string // a domain with all below it, or a source as dateline names it: medium.com/@name
	// KeepCounts leaves the mentions, without their surface forms, so that past
	// coverage stays what it was.
	KeepCounts bool
	Lifted     bool // it holds no longer: the article may come again
	Reason     string
	At         time.Time
}

// Name is the name of the piece of knowledge, and tells tombstones apart.
func (t Tombstone) Name() string {
	if t.Article != 0 {
		return "article/" + t.Article.String()
	}
	return "site/" + t.Site
}

// ParseTombstoneName reads what Name gave.
func ParseTombstoneName(name string) (Tombstone, error) {
	kind, rest, _ := strings.Cut(name, "/")
	switch kind {
	case "article":
		id, err := ParseID(rest)
		return Tombstone{Article: id}, err
	case "site":
		if rest != "" {
			return Tombstone{Site: rest}, nil
		}
	}
	return Tombstone{}, errors.New("the name of a tombstone is neither article/ID nor site/NAME")
}

// Knowledge is the message that carries the tombstone.
func (t Tombstone) Knowledge() *Knowledge {
	k := &Knowledge{V: Version, Type: KnowledgeForget, Name: t.Name(), At: t.At, Value: map[string]string{"reason": t.Reason}}
	if t.KeepCounts {
		k.Value["keep"] = "counts"
	}
	if t.Lifted {
		k.Value["lifted"] = "yes"
	}
	return k
}

// TombstoneOf reads a tombstone back from its message.
func TombstoneOf(k *Knowledge) (Tombstone, error) {
	t, err := ParseTombstoneName(k.Name)
	t.At, t.Reason = k.At, k.Value["reason"]
	t.KeepCounts, t.Lifted = k.Value["keep"] == "counts", k.Value["lifted"] == "yes"
	return t, err
}

// Tombstones is a set of them. The zero value is empty.
type Tombstones struct {
	articles map[ID]Tombstone
	sites    map[string]Tombstone
}

// NewTombstones makes a set of those that are not lifted.
func NewTombstones(list []Tombstone) Tombstones {
	s := Tombstones{articles: map[ID]Tombstone{}, sites: map[string]Tombstone{}}
	for _, t := range list {
		if t.Lifted {
			continue
		}
		if t.Article != 0 {
			s.articles[t.Article] = t
		} else {
			s.sites[t.Site] = t
		}
	}
	return s
}

// Len is the number of tombstones.
func (s Tombstones) Len() int { return len(s.articles) + len(s.sites) }

// All gives the tombstones, in no order.
func (s Tombstones) All() []Tombstone {
	out := make([]Tombstone, 0, s.Len())
	for _, t := range s.articles {
		out = append(out, t)
	}
	for _, t := range s.sites {
		out = append(out, t)
	}
	return out
}

// Article tells whether an article has a tombstone of its own.
func (s Tombstones) Article(id ID) bool {
	_, ok := s.articles[id]
	return ok
}

// Site tells whether a site, or one above it, has a tombstone. It takes a
// source as well as the host of an address.
func (s Tombstones) Site(name string) bool {
	if len(s.sites) == 0 || name == "" {
		return false
	}
	if _, ok := s.sites[name]; ok {
		return true
	}
	host, _, _ := strings.Cut(name, "/")
	if _, err := netip.ParseAddr(host); err != nil {
		host, _, _ = strings.Cut(host, ":")
	}
	for host != "" {
		if _, ok := s.sites[host]; ok {
			return true
		}
		_, host, _ = strings.Cut(host, ".")
	}
	return false
}

// Covers tells whether an article is to be forgotten: by its id, by the site
// that it counts for, or by the hosts of its addresses.
func (s Tombstones) Covers(id ID, source string, addresses ...string) bool {
	if s.Len() == 0 {
		return false
	}
	if s.Article(id) || s.Site(source) {
		return true
	}
	if len(s.sites) > 0 {
		for _, a := range addresses {
			if u, err := url.Parse(a); err == nil && s.Site(strings.ToLower(u.Hostname())) {
				return true
			}
		}
	}
	return false
}
