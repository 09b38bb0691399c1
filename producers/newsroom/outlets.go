package newsroom

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// format is the dialect of a feed.
type format uint8

const (
	rss format = iota
	atom
	rdf
	jsonFeed
)

var formatNames = [...]string{"rss", "atom", "rdf", "json"}
var feedFiles = [...]string{"feed.rss", "atom.xml", "index.rdf", "feed.json"}
var contentTypes = [...]string{
	"application/rss+xml; charset=utf-8", "application/atom+xml; charset=utf-8",
	"application/rdf+xml; charset=utf-8", "application/feed+json",
}

// outlet is one publisher with its habits. Number 0 is the wire agency.
type outlet struct {
	number int
	name   string
	slug   string
	domain string // registrable domain, under the reserved .example
	format format
	zone   *time.Location

	language   string // BCP 47; empty: its feed does not say
	www        bool
	urlStyle   uint8
	guidStyle  uint8
	tracking   bool
	teaserOnly bool
	cdata      bool // content in CDATA, else escaped
	bylines    bool
	credits    bool
	tail       string
	validators uint8 // bit 0 ETag, bit 1 Last-Modified
	bodySeed   uint64
	window     int // items that its feed shows; 0: as configured

	real bool     // its articles are those of a corpus
	kind *BadKind // of a bad server, else nil
	root string   // of a feed with a listener of its own
	desk string   // root of the newsroom's pages, where links lead there
}

const wireName = "Wirewell"

var nameplates = strings.Fields("Courier Gazette Herald Tribune Post Chronicle Observer Examiner Dispatch Mercury Ledger Sentinel Bulletin Echo Monitor Argus Advertiser Star Journal Record")

var zones = []*time.Location{
	time.UTC, time.FixedZone("EST", -5*3600), time.FixedZone("CET", 3600), time.FixedZone("GMT", 0),
	time.FixedZone("IST", 5*3600+1800), time.FixedZone("PST", -8*3600), time.FixedZone("JST", 9*3600), time.FixedZone("EET", 2*3600),
}

func makeOutlets(seed uint64, n int) []outlet {
	r := &rng{mix(seed, 3)}
	outlets := make([]outlet, n)
	taken := make(map[string]bool, n)
	for i := range outlets {
		o := &outlets[i]
		town, plate := townName(r), nameplates[r.intn(len(nameplates))]
		o.name = town + " " + plate
		if r.intn(4) == 0 {
			o.name = town + " " + []string{"Daily", "Evening", "Morning", "Sunday"}[r.intn(4)] + " " + plate
		}
		if i == 0 {
			o.name = wireName
		}
		if taken[o.name] {
			o.name += " " + strconv.Itoa(i)
		}
		taken[o.name] = true
		o.slug = slug(o.name, 60)
		o.number, o.domain, o.language = i, o.slug+".example", "en"
		// The first four outlets show one format each, then RSS is the commonest,
		// as it is in the world.
		o.format = format(i)
		if i >= 4 {
			o.format = []format{rss, rss, rss, rss, atom, atom, rdf, jsonFeed}[r.intn(8)]
		}
		o.zone = zones[r.intn(len(zones))]
		o.www, o.tracking = r.intn(3) > 0, r.intn(4) == 0
		o.urlStyle, o.guidStyle = uint8(r.intn(4)), uint8(r.intn(4))
		o.teaserOnly = i > 3 && r.intn(12) == 0
		o.cdata, o.bylines, o.credits = r.intn(2) == 0, r.intn(4) > 0, r.intn(2) == 0
		o.validators = []uint8{3, 3, 3, 3, 1, 2}[r.intn(6)]
		o.tail = strings.NewReplacer("{outlet}", o.name, "{domain}", o.domain, "{town}", town).Replace(tails[r.intn(len(tails))])
		if i == 0 {
			o.tail, o.tracking, o.bylines = "", false, true
		}
		o.bodySeed = r.next()
	}
	return outlets
}

// tails are the boilerplate endings of an outlet's articles.
var tails = []string{
	"Sign up for the {outlet} morning newsletter and get the stories that matter in your inbox.",
	"Follow {outlet} on social media for live updates. Download our free app today.",
	"Support independent journalism: subscribe to {outlet} from just 2 a week.",
	"Do you have a story for us? Write to newsdesk@{domain} or call our tip line.",
	"© {outlet}. All rights reserved. This material may not be published, broadcast or redistributed without permission.",
	"Read more on {domain}. Comments on this article are closed.",
	"{outlet} is a member of the Regional Press Council and follows its code of practice.",
	"",
	"Have your say: join the conversation in our readers' forum. Terms and conditions apply.",
	"To stay up to date with news from {town} and beyond, turn on notifications.",
}

// url is the canonical address of an article.
func (o *outlet) url(id uint64, published time.Time, title string) string {
	if o.desk != "" {
		return o.desk + "/" + o.slug + "/articles/" + strconv.FormatUint(id, 10)
	}
	host := o.domain
	if o.www {
		host = "www." + host
	}
	return "https://" + host + o.path(id, published, title)
}

func (o *outlet) path(id uint64, published time.Time, title string) string {
	number := strconv.FormatUint(id, 10)
	published = published.UTC()
	switch o.urlStyle {
	case 0:
		return published.Format("/2006/01/02/") + slug(title, 60) + "-" + number
	case 1:
		return "/news/" + slug(title, 40) + "-" + number + ".html"
	case 2:
		return "/article/" + number
	default:
		return strings.ToLower(published.Format("/2006/Jan/02/")) + slug(title, 70) + "/a" + number
	}
}

// link is the address as the feed carries it.
func (o *outlet) link(canonical string) string {
	if o.kind != nil && o.kind.ByGUID {
		return o.home() + "latest"
	}
	if o.tracking {
		return canonical + "?utm_source=rss&utm_medium=feed&utm_campaign=" + url.QueryEscape(o.slug)
	}
	return canonical
}

func (o *outlet) guid(canonical string, id uint64, published time.Time) string {
	if o.format == rdf { // the identity of an RDF item is its rdf:about
		return o.link(canonical)
	}
	switch o.guidStyle {
	case 0:
		return canonical
	case 1:
		return fmt.Sprintf("tag:%s,%s:%d", o.domain, published.UTC().Format("2006-01-02"), id)
	case 2:
		h := mix(o.bodySeed, id)
		return fmt.Sprintf("urn:uuid:%08x-%04x-4%03x-a%03x-%012x", h>>32, h>>16&0xffff, h&0xfff, id>>52, id&(1<<48-1))
	default:
		return strconv.FormatUint(id, 10) + " at https://" + o.domain
	}
}

func (o *outlet) feedPath() string { return "/" + o.slug + "/" + feedFiles[o.format] }

// slug is a title as it stands in an address, at most limit bytes long.
func slug(title string, limit int) string {
	b := make([]byte, 0, limit)
	for i := 0; i < len(title) && len(b) < limit; i++ {
		c := title[i]
		switch {
		case c >= 'A' && c <= 'Z':
			b = append(b, c-'A'+'a')
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b = append(b, c)
		case len(b) > 0 && b[len(b)-1] != '-' && c != '\'':
			b = append(b, '-')
		}
	}
	return strings.Trim(string(b), "-")
}

// source is what the outlet's articles count for.
func (o *outlet) source() string {
	if o.desk != "" {
		if u, err := url.Parse(o.desk); err == nil {
			return u.Hostname()
		}
	}
	return o.domain
}
