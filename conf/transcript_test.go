package conf

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A fileCase is one recorded file. In the archive it stands as
//
//	== name OK|FAIL      upstream's verdict
//	< line               the file
//	> line               what upstream wrote back; "> unsaved": saving was off
//	! n n                the lines upstream complained about
//	~ why OK|FAIL        we differ on purpose: DIFFERENCES.md says why
//	+ line               what we write back then
//
// "<q" is a line as a Go string, "<n" a last line without line end.
type fileCase struct {
	name            string
	in, saved, ours string
	ok, oursOK, off bool
	why             string
	bad             []int
}

func readFileCases(t *testing.T) []*fileCase {
	t.Helper()
	data, err := os.ReadFile("testdata/upstream/files.txt")
	if err != nil {
		t.Fatal(err)
	}
	var cases []*fileCase
	for i, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		mark, rest, _ := strings.Cut(line, " ")
		end := "\n"
		switch strings.TrimLeft(mark, "<>+") {
		case "q":
			if rest, err = strconv.Unquote(rest); err != nil {
				t.Fatalf("files.txt:%d: %v", i+1, err)
			}
		case "n":
			end = ""
		}
		if mark == "==" {
			name, verdict, _ := strings.Cut(rest, " ")
			cases = append(cases, &fileCase{name: name, ok: verdict == "OK"})
			continue
		}
		c := cases[len(cases)-1]
		switch mark[0] {
		case '<':
			c.in += rest + end
		case '>':
			c.off = c.off || line == "> unsaved"
			c.saved += rest + end
		case '+':
			c.ours += rest + end
		case '!':
			for _, w := range strings.Fields(rest) {
				n, _ := strconv.Atoi(w)
				c.bad = append(c.bad, n)
			}
		case '~':
			why, verdict, _ := strings.Cut(rest, " ")
			c.why, c.oursOK = why, verdict == "OK"
		default:
			t.Fatalf("files.txt:%d: %q", i+1, line)
		}
	}
	return cases
}

// fileOutcome is what we make of a file: verdict, saved form, complaint.
func fileOutcome(name, in string) (ok bool, saved string, err error) {
	c, err := Parse(name, []byte(in))
	if err != nil {
		return false, "", err
	}
	return true, string(c.Encode()), nil
}

// normalSaved drops the one line that upstream 2.10 writes although it says the
// default.
func normalSaved(c *fileCase) string {
	if strings.Contains(c.in, "mesh_fwding") {
		return c.saved
	}
	return strings.ReplaceAll(c.saved, "\tmesh_fwding=1\n", "")
}

func TestFilesAgainstUpstream(t *testing.T) {
	reasons := readReasons(t)
	cases := readFileCases(t)
	if len(cases) < 150 {
		t.Fatalf("only %d recorded files", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ok, saved, err := fileOutcome(c.name, c.in)
			want, wantOK := normalSaved(c), c.ok
			if c.why != "" {
				if !reasons[c.why] {
					t.Errorf("difference %q is not explained in DIFFERENCES.md", c.why)
				}
				if ok == c.ok && (!ok || c.off || saved == want) {
					t.Errorf("listed as different (%s) but is the same", c.why)
				}
				want, wantOK = c.ours, c.oursOK
			}
			if ok != wantOK {
				t.Fatalf("accepted: %v, want %v; error: %v", ok, wantOK, err)
			}
			if ok && (c.why != "" || !c.off) && saved != want {
				t.Errorf("saved:\n%s\nwant:\n%s", saved, want)
			}
			if !ok && !c.ok {
				checkBadLines(t, err, c.bad)
			}
		})
	}
}

// checkBadLines wants every line we complain about among those upstream
// complained about; for some values that is only the line that closes the block.
func checkBadLines(t *testing.T, err error, bad []int) {
	t.Helper()
	load, ok := err.(*LoadError)
	if !ok {
		t.Fatalf("error is %T, want *LoadError", err)
	}
	for _, l := range load.Lines {
		if !slices.Contains(bad, l.Line) && !slices.Contains(bad, l.Line+1) {
			t.Errorf("complains about line %d, upstream about %v: %v", l.Line, bad, l)
		}
	}
}

// readReasons returns the names of the differences that are explained.
func readReasons(t *testing.T) map[string]bool {
	t.Helper()
	data, err := os.ReadFile("testdata/DIFFERENCES.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, line := range strings.Split(string(data), "\n") {
		if name, ok := strings.CutPrefix(line, "## "); ok {
			out[name] = true
		}
	}
	return out
}

// A setCase is one recorded assignment: <field> <value> <reply> <value read
// back>, and where we differ <why> <our reply> <our value>. The value "-" stands
// for no assignment at all.
type setCase struct {
	at                 string
	field, value       string
	def                bool
	reply, get         string
	why, ourReply, our string
}

func readSetCases(t *testing.T, name string) []setCase {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/upstream", name))
	if err != nil {
		t.Fatal(err)
	}
	var out []setCase
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cols := strings.Split(line, "\t")
		if len(cols) != 4 && len(cols) != 7 {
			t.Fatalf("%s:%d: %d columns", name, i+1, len(cols))
		}
		cols = append(cols, "", "", "")
		c := setCase{at: fmt.Sprintf("%s:%d", name, i+1), field: cols[0], def: cols[1] == "-",
			reply: cols[2], get: cols[3], why: cols[4], ourReply: cols[5], our: cols[6]}
		if !c.def {
			if c.value, err = strconv.Unquote(cols[1]); err != nil {
				t.Fatalf("%s: %v", c.at, err)
			}
		}
		out = append(out, c)
	}
	return out
}

// quoteGet spells an answer as the recordings do.
func quoteGet(v string, ok bool) string {
	if !ok {
		return "FAIL"
	}
	var sb strings.Builder
	sb.WriteByte('"')
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '"' || c == '\\':
			sb.WriteString("\\" + string(c))
		case c == '\n':
			sb.WriteString(`\n`)
		case c == '\t':
			sb.WriteString(`\t`)
		case c >= 0x20 && c < 0x7f:
			sb.WriteByte(c)
		default:
			fmt.Fprintf(&sb, `\x%02x`, c)
		}
	}
	sb.WriteByte('"')
	return sb.String()
}

// replaySets runs recorded assignments; set and get work on a section that fresh
// renews.
func replaySets(t *testing.T, name string, fresh func(), set func(n, v string) error, get func(n string) (string, bool)) {
	reasons := readReasons(t)
	cases := readSetCases(t, name)
	for _, c := range cases {
		fresh()
		reply := "-"
		if !c.def {
			reply = "OK"
			if err := set(c.field, c.value); err != nil {
				reply = "FAIL"
			}
		}
		got := quoteGet("", false)
		if reply != "FAIL" {
			got = quoteGet(get(c.field))
		}
		wantReply, want := c.reply, c.get
		if c.why != "" {
			if !reasons[c.why] {
				t.Errorf("%s: difference %q is not explained in DIFFERENCES.md", c.at, c.why)
			}
			if reply == c.reply && got == c.get {
				t.Errorf("%s: listed as different (%s) but is the same", c.at, c.why)
			}
			wantReply, want = c.ourReply, c.our
		}
		if reply != wantReply || got != want {
			t.Errorf("%s: %s=%q: %s %s, want %s %s", c.at, c.field, c.value, reply, got, wantReply, want)
		}
	}
	if len(cases) < 150 {
		t.Errorf("only %d recorded assignments", len(cases))
	}
}

func TestSetNetworkAgainstUpstream(t *testing.T) {
	var n *Network
	replaySets(t, "set_network.tsv", func() { n = New().AddNetwork() },
		func(name, v string) error { _, err := n.Set(name, v); return err },
		func(name string) (string, bool) { return n.Get(name) })
}

func TestSetCredAgainstUpstream(t *testing.T) {
	var c *Cred
	replaySets(t, "set_cred.tsv", func() { c = NewCred() },
		func(name, v string) error { _, err := c.Set(name, v); return err },
		func(name string) (string, bool) { return c.Get(name) })
}

func TestSetGlobalAgainstUpstream(t *testing.T) {
	c := New()
	replaySets(t, "set_global.tsv", func() { c = New() },
		func(name, v string) error { _, err := c.Set(name, v); return err },
		func(name string) (string, bool) { return c.Get(name) })
}
