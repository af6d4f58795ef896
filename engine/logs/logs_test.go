package logs

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestLinesLookLikeUpstream(t *testing.T) {
	var b bytes.Buffer
	h := New(LevelInfo)
	h.AddSink(NewWriter(&b))
	log := h.Logger().With("ifname", "wlan0")
	log.Info("State: SCANNING -> DISCONNECTED")
	log.Debug("not printed")
	log.Warn("odd", "ssid", "a b", "n", 3)
	log.Info("two\nlines\x1b[31m")
	h.SetTimestamp(true)
	h.Logger().Error("bare")
	lines := strings.Split(b.String(), "\n")
	want := []string{"wlan0: State: SCANNING -> DISCONNECTED", `wlan0: odd ssid="a b" n=3`, `wlan0: two\x0alines\x1b[31m`}
	for i, w := range want {
		if lines[i] != w {
			t.Errorf("line %d is %q, want %q", i, lines[i], w)
		}
	}
	if !regexp.MustCompile(`^\d+\.\d{6}: bare$`).MatchString(lines[3]) {
		t.Errorf("timestamped line is %q", lines[3])
	}
}

func TestLevelsRoundTrip(t *testing.T) {
	for n, name := range levelNames {
		l, ok := ParseLevel(strings.ToLower(name))
		if !ok || Number(l) != n || FromNumber(n) != l || Name(l) != name {
			t.Errorf("%s: level %v number %d", name, l, Number(l))
		}
	}
	if _, ok := ParseLevel("LOUD"); ok {
		t.Error("an unknown name was taken")
	}
}

func TestRateLimitHoldsBackAKindAndSaysSo(t *testing.T) {
	var b bytes.Buffer
	h := New(LevelInfo)
	h.AddSink(NewWriter(&b))
	at := time.Unix(1000, 0)
	for i := range 100 {
		h.handle(Entry{Time: at, Level: LevelInfo, Kind: "CTRL-EVENT-X n=" + string(rune('a'+i%26)), Text: "x"})
	}
	h.handle(Entry{Time: at, Level: LevelInfo, Kind: "other", Text: "other"})
	h.handle(Entry{Time: at.Add(2 * time.Second), Level: LevelInfo, Kind: "CTRL-EVENT-X", Text: "x"})
	got := strings.Count(b.String(), "\n")
	if got != limitBurst+2 {
		t.Fatalf("%d lines passed, want %d", got, limitBurst+2)
	}
	if !strings.Contains(b.String(), "(60 more like this held back)") || h.Suppressed() != 60 {
		t.Fatalf("held lines not told: %d", h.Suppressed())
	}
}

func TestMonitorSeesBelowTheLevelButNotQuiet(t *testing.T) {
	h := New(LevelError)
	var seen []string
	h.SetMonitor(LevelDebug, func(e Entry) { seen = append(seen, e.Line()) })
	log := h.Logger().With("ifname", "w")
	log.Debug("one")
	log.Log(t.Context(), LevelMsgDump, "too low")
	log.Info("told already", Quiet())
	if len(seen) != 1 || seen[0] != "w: one" {
		t.Fatalf("monitor saw %q", seen)
	}
}

func TestRingKeepsTheNewest(t *testing.T) {
	h := New(LevelDebug)
	for i := range ringSize + 10 {
		h.Logger().Debug("line", "i", i)
	}
	r := h.Recent()
	if len(r) != ringSize || r[0].Text != "line i=10" || r[ringSize-1].Text != "line i=521" {
		t.Fatalf("ring of %d from %q to %q", len(r), r[0].Text, r[len(r)-1].Text)
	}
}

func TestFileReopens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	s, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	h := New(LevelInfo)
	h.AddSink(s)
	h.Logger().Info("before")
	os.Rename(path, path+".1")
	if err := h.Reopen(); err != nil {
		t.Fatal(err)
	}
	h.Logger().Info("after")
	h.Close()
	one, _ := os.ReadFile(path + ".1")
	two, _ := os.ReadFile(path)
	if string(one) != "before\n" || string(two) != "after\n" {
		t.Fatalf("old %q new %q", one, two)
	}
	if _, err := OpenFile(filepath.Join(path, "x")); err == nil {
		t.Fatal("opening below a file worked")
	}
}

func TestJournalFieldNames(t *testing.T) {
	if f := field(slog.String("scan-id.x", "")); f != "WPA_SCAN_ID_X" {
		t.Error(f)
	}
}
