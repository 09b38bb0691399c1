package web_test

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// chromium finds a headless browser; without one the test is skipped, or fails
// where CI is set.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no Chromium: CI has to look at the pages; install it")
	}
	t.Skip("no Chromium on this machine; install it to have the pages looked at")
	return ""
}

// browse runs a headless browser on an address and gives what it wrote to its
// two outputs.
func browse(t *testing.T, address string, flags ...string) (out, console string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--enable-logging=stderr", "--log-level=0", "--hide-scrollbars",
		"--user-data-dir=" + t.TempDir(), "--virtual-time-budget=4000"}, flags...)
	cmd := exec.CommandContext(ctx, chromium(t), append(args, address)...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, stderr.String())
	}
	return stdout.String(), stderr.String()
}

// complaints are the lines that pages wrote to the console.
func complaints(console string) []string {
	var out []string
	for line := range strings.Lines(console) {
		if strings.Contains(line, ":CONSOLE") {
			out = append(out, line)
		}
	}
	return out
}

func TestChartsRenderInABrowser(t *testing.T) {
	chromium(t)
	srv := serve(t, fourWeeks)
	if r := get(t, srv, "/assets/app.js"); r.StatusCode != 200 {
		if os.Getenv("CI") != "" {
			t.Fatal("the script is not bundled: run `make` before the tests")
		}
		t.Skip("the script is not bundled; `make` does it")
	}
	for _, path := range []string{"/", "/entity/per/tomas-okafor?range=24h", "/feed?url=https://vesthaven-daily.example/feed.xml"} {
		dom, console := browse(t, srv.URL+path, "--dump-dom")
		if got := complaints(console); len(got) > 0 {
			t.Errorf("%s: the console says %s", path, got)
		}
		if !strings.Contains(dom, "<canvas") || strings.Contains(dom, "could not be drawn") {
			t.Errorf("%s: no chart was drawn", path)
		}
	}
	if dom, _ := browse(t, srv.URL+"/", "--dump-dom"); !strings.Contains(dom, `class="dot on"`) || !strings.Contains(dom, "data-key=") {
		t.Error("the live list was not refreshed")
	}
}

// TestScreenshots writes pictures of every page to the directory named by
// DATELINE_SCREENSHOTS, for people to look at.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("DATELINE_SCREENSHOTS")
	if dir == "" {
		t.Skip("set DATELINE_SCREENSHOTS to a directory to have pictures of the pages")
	}
	chromium(t)
	full, empty := serve(t, fourWeeks), serve(t, nil)
	shot := func(srv *httptest.Server, name, path, size string, flags ...string) {
		t.Helper()
		browse(t, srv.URL+path, append(flags, "--window-size="+size, "--screenshot="+filepath.Join(dir, name+".png"))...)
	}
	story := first(t, full, "/api/v1/recent?limit=200", "/story/")
	dark := "--blink-settings=preferredColorScheme=0"
	shot(full, "home", "/", "1400,1500")
	shot(full, "home-dark", "/", "1400,1500", dark)
	shot(full, "home-narrow", "/", "500,2600")
	shot(full, "entity", "/entity/per/tomas-okafor", "1400,1500")
	shot(full, "entity-proposal", "/entity/per/jo-brandt", "1400,900")
	shot(full, "entity-24h", "/entity/per/tomas-okafor?range=24h", "1000,1500", dark)
	shot(full, "story", story, "1200,900")
	shot(full, "article", strings.Replace(story, "/story/", "/article/", 1), "1200,1000")
	shot(full, "alerts", "/alerts", "1200,800")
	shot(full, "feeds", "/feeds", "1200,900")
	shot(full, "feeds-narrow", "/feeds", "500,2200")
	shot(full, "feed", "/feed?url=https://vesthaven-daily.example/feed.xml", "1400,1500")
	shot(full, "feed-narrow", "/feed?url=https://sundmark-tidende.example/feed.xml", "500,2600", dark)
	shot(full, "search", "/search?q=vest", "1000,500")
	shot(empty, "empty", "/", "1200,1000")
	shot(empty, "notfound", "/entity/per/nobody", "1000,500")
}
