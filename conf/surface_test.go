package conf

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A fact is one row of the surface as listed in testdata.
type fact struct{ name, span, def, secret, readable, written string }

func readFacts(t *testing.T, file string) []fact {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out []fact
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		c := strings.Split(line, "\t")
		if len(c) != 6 {
			t.Fatalf("%s: %q has %d columns", file, line, len(c))
		}
		out = append(out, fact{c[0], c[1], c[2], c[3], c[4], c[5]})
	}
	return out
}

var (
	spanRE   = regexp.MustCompile(`^(-?\d+)\.\.(-?\d+)( \(1\.\.3 with MACsec build\)| \(0\.\.4 without mesh\))?$`)
	lengthRE = regexp.MustCompile(`^length (\d+)\.\.(\d+)$`)
	numberRE = regexp.MustCompile(`^-?\d+`)
)

// defaultText is how a fact spells the default in the syntax of the file.
func (f fact) defaultText() string {
	switch {
	case strings.HasPrefix(f.def, "unset"), f.def == "empty (any)":
		return ""
	case f.def == "0.0.0.0":
		return f.def
	case strings.HasSuffix(f.name, "_burst"):
		return f.def
	case numberRE.MatchString(f.def):
		return numberRE.FindString(f.def)
	}
	return f.def
}

// samples are values of which each field takes at least one.
var samples = []string{"1", "2", "9", "16", `"some text"`, "3", "02:00:00:00:00:01", "RSN", "GCMP", "NONE",
	"AES-128-CMAC", "SHARED", "TLS", strings.Repeat("ab", 16), strings.Repeat("cd", 32),
	"12345678-9abc-def0-1234-56789abcdef0", "1-0050F204-1", "01020304", "81:1", "192.168.1.1", "DE", "8",
	`"112233,445566"`, "112233", `"a.example,1,5,de"`, "6:22", "02:00:00:00:00:01-" + strings.Repeat("ab", 32), "0", "-1"}

// trySample finds a value that changes the field.
func trySample(set func(v string) (bool, error)) (string, bool) {
	for _, v := range samples {
		if ch, err := set(v); err == nil && ch {
			return v, true
		}
	}
	return "", false
}

// checkFacts compares a table with the facts and with what its rows do.
func checkFacts[T any](t *testing.T, tb *table[T], facts []fact, encode func(*T) string) {
	seen := map[string]bool{}
	for _, f := range facts {
		seen[f.name] = true
		row := tb.find(f.name)
		if row == nil {
			t.Errorf("%s: not in the table", f.name)
			continue
		}
		checkDescription(t, &row.FieldInfo, f)
		checkNumber(t, tb, row, f)
		if !row.Ignored && row.Name != "no_ctrl_interface" {
			checkBehaviour(t, tb, row, f, encode)
		}
	}
	for _, r := range tb.rows() {
		if !seen[r.Name] {
			t.Errorf("%s: in the table, not among the facts", r.Name)
		}
	}
}

func checkDescription(t *testing.T, i *FieldInfo, f fact) {
	t.Helper()
	if i.Secret != (f.secret == "yes") || i.Sensitive != (f.secret == "held") {
		t.Errorf("%s: secret=%v sensitive=%v, want %q", f.name, i.Secret, i.Sensitive, f.secret)
	}
	if (f.written == "yes") != i.Saved {
		t.Errorf("%s: saved=%v, want %q", f.name, i.Saved, f.written)
	}
	if f.readable != "special GET" && (f.readable == "yes") != i.Readable {
		t.Errorf("%s: readable=%v, want %q", f.name, i.Readable, f.readable)
	}
	if i.Default != f.defaultText() && f.readable != "" && i.Alias == "" {
		t.Errorf("%s: default %q, want %q", f.name, i.Default, f.defaultText())
	}
	if m := lengthRE.FindStringSubmatch(f.span); m != nil {
		if lo, hi := atoi(m[1]), atoi(m[2]); !i.Sized || i.MinLen != lo || i.MaxLen != hi {
			t.Errorf("%s: length %d..%d, want %s", f.name, i.MinLen, i.MaxLen, f.span)
		}
	}
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// checkNumber tries both limits of a range and one step beyond each.
func checkNumber[T any](t *testing.T, tb *table[T], row *field[T], f fact) {
	t.Helper()
	m := spanRE.FindStringSubmatch(f.span)
	if m == nil {
		return
	}
	lo, hi := atoi(m[1]), atoi(m[2])
	if strings.Contains(m[3], "MACsec") {
		hi = 3
	}
	if !row.Ranged || row.Min != lo || row.Max != hi {
		t.Errorf("%s: range %d..%d, want %d..%d", f.name, row.Min, row.Max, lo, hi)
	}
	def := f.defaultText()
	for v, good := range map[int]bool{lo: true, hi: true, lo - 1: false, hi + 1: false} {
		s := strconv.Itoa(v)
		blank := *tb.def
		_, _, err := tb.set(&blank, f.name, s)
		if (err == nil) != (good || s == def) {
			t.Errorf("%s=%s: error %v", f.name, s, err)
		}
	}
}

// checkBehaviour sets the field and looks at what is read back and written.
func checkBehaviour[T any](t *testing.T, tb *table[T], row *field[T], f fact, encode func(*T) string) {
	t.Helper()
	blank := *tb.def
	s := &blank
	v, ok := trySample(func(v string) (bool, error) { ch, _, err := tb.set(s, f.name, v); return ch, err })
	if !ok {
		t.Errorf("%s: no sample value is taken", f.name)
		return
	}
	got, ok := tb.get(s, f.name, false)
	if ok != row.Readable {
		t.Errorf("%s=%s: read back: %v, want %v", f.name, v, ok, row.Readable)
	}
	if row.Secret && got != "*" {
		t.Errorf("%s: secret reads as %q", f.name, got)
	}
	if ch, _, err := tb.set(s, f.name, v); err == nil && ch && !repeatable[f.name] {
		t.Errorf("%s=%s: the same value again is a change", f.name, v)
	}
	text := encode(s)
	if has := strings.Contains("\n"+text, "\n"+tb.indent+f.name+"="); has != (f.written == "yes") {
		t.Errorf("%s=%s: in the file: %v, want %s:\n%s", f.name, v, has, f.written, text)
	}
}

var repeatable = map[string]bool{"sec_device_type": true, "alt_sae_password_ids": true, "psk_list": true,
	"domain": true, "excluded_ssid": true, "roaming_partner": true, "req_conn_capab": true}

func TestGlobalSurface(t *testing.T) {
	facts := expandAccess(readFacts(t, "global.tsv"))
	checkFacts(t, globalTable(), facts, func(g *Globals) string {
		c := New()
		c.Globals = *g
		return string(c.Encode())
	})
}

// expandAccess spells out the rows that stand for several names, and takes away
// those of names that are only ignored.
func expandAccess(facts []fact) []fact {
	var out []fact
	for _, f := range facts {
		head, tail, ok := strings.Cut(f.name, "<")
		switch {
		case strings.Contains(f.name, "*"):
			continue
		case !ok:
			out = append(out, f)
			continue
		}
		for _, p := range strings.Split(strings.TrimSuffix(tail, ">"), "|") {
			def := regexp.MustCompile(strings.TrimSuffix(p, "_limit") + ` (\S+)`).FindStringSubmatch(f.def)[1]
			if p == "burst" && !strings.Contains(def, ".") {
				def += ".0"
			}
			out = append(out, fact{head + p, "", def, "no", "no", "no"})
		}
	}
	return out
}

func TestNetworkSurface(t *testing.T) {
	checkFacts(t, networkTable(), readFacts(t, "network.tsv"), func(n *Network) string {
		c := New()
		c.Networks = append(c.Networks, n)
		if !n.saved() {
			n.KeyMgmt = KeyMgmtNone
		}
		return string(c.Encode())
	})
}

func TestCredSurface(t *testing.T) {
	checkFacts(t, credTable(), readFacts(t, "cred.tsv"), func(cr *Cred) string {
		c := New()
		cr.Temporary = 0
		c.Creds = append(c.Creds, cr)
		return string(c.Encode())
	})
}

func TestAccessDefaults(t *testing.T) {
	g := New().Globals
	queues := [4]TxQueue{{1, 3, 7, 15}, {1, 7, 15, 30}, {3, 15, 63, 0}, {7, 15, 1023, 0}}
	wmm := [4]WMMAccess{{3, 4, 10, 0, 0}, {7, 4, 10, 0, 0}, {2, 3, 4, 94, 0}, {2, 2, 3, 47, 0}}
	if g.TxQueue != queues || g.WMM != wmm {
		t.Errorf("defaults: %v %v", g.TxQueue, g.WMM)
	}
	for name, want := range map[string]bool{"tx_queue_after_beacon_aifs": true, "tx_queue_beacon_burst": true,
		"tx_queue_data4_aifs": true, "tx_queue_data9_cwmin": true, "tx_queue_data3_foo": false, "tx_queue_data": false, "tx_queue_x": false} {
		if _, err := New().Set(name, "1"); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPropertiesHideSecrets(t *testing.T) {
	n := NewNetwork()
	secrets := map[string]bool{}
	for _, f := range NetworkFields() {
		if f.Secret {
			if _, ok := trySample(func(v string) (bool, error) { return n.Set(f.Name, v) }); !ok {
				t.Errorf("%s: no sample value is taken", f.Name)
			}
			secrets[f.Name] = true
		}
	}
	for _, p := range n.Properties() {
		if secrets[p.Name] {
			t.Errorf("%s is among the properties", p.Name)
		}
	}
	n.ExportKeys = true
	found := 0
	for _, p := range n.Properties() {
		if secrets[p.Name] {
			found++
		}
	}
	if found != len(secrets) {
		t.Errorf("%d of %d secrets of a WPS network are among the properties", found, len(secrets))
	}
}
