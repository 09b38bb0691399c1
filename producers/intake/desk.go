package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

// Publisher stores messages, all or with an error.
type Publisher interface {
	Publish(ctx context.Context, msgs ...bus.Message) error
}

// desk makes articles of lines and publishes them.
type desk struct {
	out     Publisher
	now     func() time.Time
	history bool   // backlog, whatever its date
	client  string // who sent them, for the headers; may be empty
	count   func(a *news.Article)

	// For news alone: how long brokers that are away are waited for before
	// articles are stamped with a new time, and whether they are tried again.
	patience time.Duration
	stubborn bool
}

// Send is of Sink. The time at which an article was seen is that of its batch,
// so that none is on its way for longer than alerts wait for.
func (d *desk) Send(ctx context.Context, batch []Line) (broken []Broken, err error) {
	articles := make([]*news.Article, 0, len(batch))
	for _, l := range batch {
		a, err := article(l.JSON)
		if err != nil {
			broken = append(broken, Broken{l.No, err.Error()})
			continue
		}
		articles = append(articles, a)
	}
	if len(articles) > 0 {
		err = d.publish(ctx, articles)
	}
	return broken, err
}

// publish may send a batch twice where the brokers' answer was lost.
func (d *desk) publish(ctx context.Context, articles []*news.Article) error {
	for {
		err := d.attempt(ctx, articles)
		if err == nil && d.count != nil {
			for _, a := range articles {
				d.count(a)
			}
		}
		if err == nil || !d.stubborn || !errors.Is(err, errAway) || ctx.Err() != nil {
			return err
		}
	}
}

func (d *desk) attempt(ctx context.Context, articles []*news.Article) error {
	if d.patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d.patience, errAway)
		defer cancel()
	}
	err := d.out.Publish(ctx, d.messages(articles)...)
	if err != nil && context.Cause(ctx) == errAway {
		err = fmt.Errorf("%w: %w", errAway, err)
	}
	return err
}

// errAway says that the brokers have not answered in time.
var errAway = errors.New("Kafka does not answer")

func (d *desk) messages(articles []*news.Article) []bus.Message {
	now := d.now()
	out := make([]bus.Message, len(articles))
	for i, a := range articles {
		stamp(a, now, d.history)
		headers := map[string]string{"stage": "intake", "trace": a.ID.String()}
		if d.client != "" {
			headers["client"] = d.client
		}
		out[i] = bus.Message{Topic: news.TopicArticles, Key: []byte(a.ID.String()), Value: a.EncodeFit(), Time: a.SeenAt, Headers: headers}
	}
	return out
}

func article(line []byte) (*news.Article, error) {
	rec, err := parse(line)
	if err != nil {
		return nil, err
	}
	return rec.article()
}
