package main

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"

	"github.com/dateline/dateline/pkg/entity"
)

// committees takes the committees of the US Congress in the forms that papers
// use: "House Committee on the Judiciary" is "House Judiciary Committee".
func (c *compiler) committees() error {
	full := regexp.MustCompile(`^(House|Senate|Joint) (?:Permanent Select |Select |Special |Joint )?Committee on (?:the )?(.+)$`)
	return c.table("congress-committees.tsv.gz", func(m map[string]string) {
		name := clean(m["name"])
		p := full.FindStringSubmatch(name)
		if m["kind"] != "committee" || p == nil || strings.ContainsAny(name, "(;") {
			return
		}
		short := p[1] + " " + p[2] + " Committee"
		r := c.known(entity.ORG, "us", name, short)
		if r == nil {
			r = c.add(entity.ORG, "", short, "us", 30_000)
		}
		r.alias(name)
		r.alias(short)
	})
}

//go:embed teams.tsv
var teamsTSV string

// teams takes the hand-written list: country, full name, short names. A short
// name is a team's only where the tagger took it for an organisation.
func (c *compiler) teams() error {
	for i, line := range strings.Split(teamsTSV, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) < 2 || len(f[0]) != 2 {
			return fmt.Errorf("teams.tsv:%d: %q", i+1, line)
		}
		for _, name := range strings.Split(f[1], ";") {
			full, short, _ := strings.Cut(name, "=")
			r := c.add(entity.ORG, "", full, f[0], 30_000)
			r.flag("s")
			for _, a := range strings.Split(short, "/") {
				if a != "" {
					r.alias("~" + a)
				}
			}
		}
	}
	return nil
}
