package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/dateline/dateline/consumers/land"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// A backup is a folder:
//
//	manifest.json                       what there is, written last
//	topics/<topic>.NNNN.jsonl.zst       messages, a JSON object a line
//	tables/<table>/<partition>.NNNN.tsv.zst  rows, tab-separated text
//
// While it is made the folder has the ending .partial, with plan.json in it; the
// same command goes on with it.

// backupVersion is that of the format; readers take it and those before.
const backupVersion = 1

// Manifest describes a backup.
type Manifest struct {
	Version    int           `json:"version"`
	ID         string        `json:"id"`
	At         time.Time     `json:"at"` // when the cut was made
	Dateline   string        `json:"dateline"`
	Schema     uint32        `json:"schema"` // number of the newest migration
	Database   string        `json:"database"`
	Prefix     string        `json:"prefix"` // of the topics
	Cut        store.Cut     `json:"cut"`
	Generation uint32        `json:"mentions_generation"` // that the table of mentions takes; 0: any
	Tombstones int           `json:"tombstones"`
	Topics     []BackedTopic `json:"topics"`
	Tables     []BackedTable `json:"tables"`
}

// BackedTopic is what a backup holds of a topic.
type BackedTopic struct {
	Name     string       `json:"name"`
	Messages uint64       `json:"messages"`
	Files    []BackedFile `json:"files"`
}

// BackedTable is what a backup holds of a table.
type BackedTable struct {
	store.Table
	Rows       uint64            `json:"rows"`
	Partitions []BackedPartition `json:"partitions"`
}

// BackedPartition is a partition of a table.
type BackedPartition struct {
	ID    string       `json:"id"`
	Rows  uint64       `json:"rows"`
	Files []BackedFile `json:"files"`
}

// BackedFile is one file, with what proves that it is whole.
type BackedFile struct {
	Name   string `json:"name"` // within the backup
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

const (
	manifestFile  = "manifest.json"
	planFile      = "plan.json"
	partialEnding = ".partial"
)

// Files gives all files but the manifest.
func (m *Manifest) Files() []BackedFile {
	var out []BackedFile
	for _, t := range m.Topics {
		out = append(out, t.Files...)
	}
	for _, t := range m.Tables {
		for _, p := range t.Partitions {
			out = append(out, p.Files...)
		}
	}
	return out
}

// backupJob makes one backup.
type backupJob struct {
	a        *App
	dir      string // with the ending
	m        *Manifest
	progress io.Writer
	// before is called before each step that leaves something behind; tests
	// stop there.
	before func(step string) error
}

// Backup writes the tables and what the topics hold beyond them into a new
// folder, while ingest goes on. What it holds is a state that was: everything
// that had landed below one offset of each partition, and the messages from
// there on. One that was cut short is gone on with.
func (a *App) Backup(ctx context.Context, dest string, progress io.Writer) (*Manifest, error) {
	j := &backupJob{a: a, dir: filepath.Clean(dest) + partialEnding, progress: progress, before: func(string) error { return nil }}
	return j.run(ctx, filepath.Clean(dest))
}

func (j *backupJob) run(ctx context.Context, dest string) (*Manifest, error) {
	if _, err := os.Lstat(dest); err == nil {
		return nil, fmt.Errorf("%s is there already; name a new folder", dest)
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err := j.a.Store.Restoring(ctx); err != nil {
		return nil, err
	}
	if err := j.plan(ctx); err != nil {
		return nil, err
	}
	if err := j.tables(ctx); err != nil {
		return nil, err
	}
	if err := j.before("manifest"); err != nil {
		return nil, err
	}
	if err := writeNote(filepath.Join(j.dir, manifestFile), j.m); err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(j.dir, planFile)); err != nil {
		return nil, err
	}
	if err := os.Rename(j.dir, dest); err != nil {
		return nil, err
	}
	return j.m, syncDir(filepath.Dir(dest))
}

// plan goes on with a backup that was cut short where it still can, and else
// begins one: it writes down the messages and where the tables are cut.
func (j *backupJob) plan(ctx context.Context) error {
	stones, err := j.a.Store.Tombstones(ctx)
	if err != nil {
		return err
	}
	schema, err := j.a.Store.SchemaApplied(ctx)
	if err != nil {
		return err
	}
	epoch, err := j.a.Store.Epoch(ctx)
	if err != nil {
		return err
	}
	generation, err := j.a.Store.MentionsGeneration(ctx)
	if err != nil {
		return err
	}
	var old Manifest
	if readNote(filepath.Join(j.dir, planFile), &old) == nil && old.Version == backupVersion && old.Schema == schema &&
		old.Cut.Epoch == epoch && old.Generation == generation && old.Tombstones == len(stones) && old.Database == j.a.Store.Database() {
		fmt.Fprintf(j.progress, "Going on with the backup of %s.\n", old.At.Format(time.DateTime))
		j.m = &old
		return nil
	}
	if err := os.RemoveAll(j.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(j.dir, "topics"), 0o700); err != nil {
		return err
	}
	now := j.a.Now().UTC()
	j.m = &Manifest{
		Version: backupVersion, ID: fmt.Sprintf("%s-%x", now.Format("20060102T150405.000"), os.Getpid()), At: now, Dateline: Version(), Schema: schema,
		Database: j.a.Store.Database(), Prefix: j.a.Config.Kafka.Prefix, Cut: store.Cut{Epoch: epoch, Offsets: map[string][]int64{}},
		Generation: generation, Tombstones: len(stones),
	}
	if err := j.topics(ctx); err != nil {
		return err
	}
	return writeNote(filepath.Join(j.dir, planFile), j.m)
}

// tables writes what is below the cut, partition by partition. One that is
// there whole is not written again.
func (j *backupJob) tables(ctx context.Context) error {
	list, err := j.a.Store.Tables(ctx)
	if err != nil {
		return err
	}
	for _, t := range list {
		b := BackedTable{Table: t}
		ids, err := j.a.Store.Partitions(ctx, t.Name)
		if err != nil {
			return err
		}
		for _, id := range ids {
			p, err := j.partition(ctx, t, id)
			if err != nil {
				return err
			}
			b.Rows += p.Rows
			b.Partitions = append(b.Partitions, p)
		}
		j.m.Tables = append(j.m.Tables, b)
		fmt.Fprintf(j.progress, "%-20s %d rows\n", t.Name, b.Rows)
	}
	return nil
}

// Rows may go while they are read, where something is forgotten or grows old.
const dumpTries = 5

func (j *backupJob) partition(ctx context.Context, t store.Table, id string) (p BackedPartition, err error) {
	base := filepath.Join("tables", t.Name, id)
	note := filepath.Join(j.dir, base+".json")
	if readNote(note, &p) == nil && p.ID == id {
		return p, nil
	}
	if err := j.before(base); err != nil {
		return p, err
	}
	if err := os.MkdirAll(filepath.Dir(note), 0o700); err != nil {
		return p, err
	}
	for try := 1; ; try++ {
		w := &pieces{dir: j.dir, base: base, ending: ".tsv.zst"}
		rows, err := j.a.Store.Dump(ctx, t, id, j.m.Cut, w)
		files, cerr := w.Close()
		if err == nil {
			err = cerr
		}
		if errors.Is(err, store.ErrShort) && try < dumpTries {
			continue
		}
		if err != nil {
			return p, err
		}
		p = BackedPartition{ID: id, Rows: rows, Files: files}
		return p, writeNote(note, p)
	}
}

// cut finds how far a partition has landed whole, and the offsets below whose
// messages land holds back. What landed above it may be half of a batch.
func (a *App) cut(ctx context.Context, epoch uint32, topic string, part int) (cut int64, held []int64, err error) {
	// In this order: whatever is in the table now is either covered by the
	// offset that is read next, or by its note of what is pending.
	high, any, err := a.Store.HighestOffset(ctx, landed[topic], topic, epoch, uint16(part))
	if err != nil {
		return 0, nil, err
	}
	committed, meta, err := a.Bus.Committed(ctx, land.GroupName, topic, part)
	if err != nil {
		return 0, nil, err
	}
	var note struct {
		To   int64   `json:"to"`
		Held []int64 `json:"held"`
	}
	if meta != "" {
		if err := json.Unmarshal([]byte(meta), &note); err != nil {
			return 0, nil, fmt.Errorf("the metadata %q of the offset of %s/%d cannot be read: %w", meta, topic, part, err)
		}
	}
	cut = max(committed, 0)
	if any && note.To <= cut {
		cut = max(cut, int64(high)+1) // the group's offset was lost: land goes on here, too
	}
	at := int64(0)
	for _, d := range note.Held {
		at += d
		held = append(held, at)
	}
	return cut, held, nil
}

var tailTopics = []string{news.TopicDocuments, news.TopicFetches, news.TopicAlerts, news.TopicKnowledge}
