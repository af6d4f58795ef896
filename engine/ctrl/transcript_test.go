package ctrl

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"gosupplicant/engine"
	"gosupplicant/engine/ctrl/ctrlclient"
)

// The transcripts are of Debian's wpa_supplicant 2.10 on the driver none
// (oracle_test.go records them). Every reply of ours is the same, or is listed
// in differences with the reason.

const transcriptConfig = "ctrl_interface=$DIR/ctrl\nupdate_config=1\n"

// exchange is one line of a transcript.
type exchange struct{ cmd, reply string }

// play sends the commands of a file and returns the exchanges; values that differ
// from run to run are replaced by words.
func play(t *testing.T, c *ctrlclient.Conn, file string, dir, other string) []exchange {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []exchange
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		cmd, err := strconv.Unquote(`"` + strings.ReplaceAll(lines.Text(), `"`, `\"`) + `"`)
		if err != nil {
			t.Fatalf("%s: %q: %v", file, lines.Text(), err)
		}
		send := strings.NewReplacer("$DIR", dir, "$OTHER", other).Replace(cmd)
		out = append(out, exchange{cmd, stable(ask(t, c, send), dir, other)})
	}
	return out
}

// stable replaces what differs from run to run.
func stable(reply, dir, other string) string {
	reply = strings.ReplaceAll(reply, dir, "$DIR")
	if other != "" {
		reply = strings.ReplaceAll(reply, other, "$OTHER")
	}
	var out strings.Builder
	for line := range strings.Lines(reply) {
		switch {
		case strings.HasPrefix(line, "address=") && !strings.HasPrefix(line, "address=00:00:00:00:00:00"):
			line = "address=$MAC\n"
		case strings.HasPrefix(line, "ext:") && strings.Contains(line, "@"):
			line = line[:strings.LastIndexByte(line, ':')] + ":$AGE\n"
		}
		out.WriteString(line)
	}
	return out.String()
}

func readTranscript(t *testing.T, file string) []exchange {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []exchange
	for line := range strings.Lines(string(data)) {
		cmd, reply, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		c, err1 := strconv.Unquote(cmd)
		r, err2 := strconv.Unquote(reply)
		if !ok || err1 != nil || err2 != nil {
			t.Fatalf("%s: %q", file, line)
		}
		out = append(out, exchange{c, r})
	}
	return out
}

func compare(t *testing.T, ours, upstream []exchange, differences map[string]difference) {
	t.Helper()
	if len(ours) != len(upstream) {
		t.Fatalf("%d exchanges, upstream's transcript has %d", len(ours), len(upstream))
	}
	seen := map[string]int{}
	used := map[string]bool{}
	for k, got := range ours {
		want := upstream[k]
		if got.cmd != want.cmd {
			t.Fatalf("exchange %d is %q, in the transcript %q", k, got.cmd, want.cmd)
		}
		seen[got.cmd]++
		name := got.cmd
		if n := seen[got.cmd]; n > 1 {
			name = fmt.Sprintf("%s #%d", got.cmd, n)
		}
		d, differs := differences[name]
		if differs {
			used[name] = true
			if got.reply == want.reply {
				t.Errorf("%q: answered as upstream does (%q) but listed as a difference: %s", name, got.reply, d.why)
			}
			want.reply = d.ours
		}
		if got.reply != want.reply {
			t.Errorf("%q: %q, want %q", name, got.reply, want.reply)
		}
	}
	for name := range differences {
		if !used[name] {
			t.Errorf("difference %q is in no transcript", name)
		}
	}
}

func TestTranscriptIface(t *testing.T) {
	d := start(t, Options{})
	d.add(engine.InterfaceConfig{Ifname: "lo", Driver: "none"}, transcriptConfig)
	ours := play(t, d.dial("lo"), "testdata/commands_iface.txt", d.dir, "")
	compare(t, ours, readTranscript(t, "testdata/upstream_iface.txt"), ifaceDifferences)
}

func TestTranscriptGlobal(t *testing.T) {
	other := otherInterface(t)
	d := start(t, Options{})
	d.add(engine.InterfaceConfig{Ifname: "lo", Driver: "none"}, transcriptConfig)
	ours := play(t, d.global(), "testdata/commands_global.txt", d.dir, other)
	compare(t, ours, readTranscript(t, "testdata/upstream_global.txt"), globalDifferences)
}
