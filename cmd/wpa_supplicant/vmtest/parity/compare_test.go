package parity

import (
	"slices"
	"strings"
	"testing"
)

func TestParseScript(t *testing.T) {
	steps, err := ParseScript(strings.NewReader("# a\n\nctrl PING\nctrl PING\nglobal A\\tB\ndbus /p i.M s ('a b',)\nsaved\nctrl \n"))
	if err != nil {
		t.Fatal(err)
	}
	var inputs []string
	for _, s := range steps {
		inputs = append(inputs, s.Input)
	}
	want := []string{"ctrl PING", "ctrl PING (2)", `global A\tB`, "dbus /p i.M s ('a b',)", "saved", "ctrl "}
	if !slices.Equal(inputs, want) {
		t.Errorf("inputs %q", inputs)
	}
	if got := steps[2].Args[0]; got != "A\tB" {
		t.Errorf("global asks %q", got)
	}
	if got := steps[3].Args[3]; got != "('a b',)" {
		t.Errorf("dbus arguments %q", got)
	}
	for _, bad := range []string{"sing a song", "dbus /p", "getall /p", "introspect"} {
		if _, err := ParseScript(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestReplyFacts(t *testing.T) {
	for _, test := range []struct {
		reply string
		want  []Fact
	}{
		{"OK\n", []Fact{{"", "OK\n"}}},
		{"a=1\n", []Fact{{"", "a=1\n"}}},
		{"a=1\nb b=2=3\n", []Fact{{"a", "1"}, {"b b", "2=3"}}},
		{"head\na=1\n", []Fact{{"", "head\na=1\n"}}},
	} {
		if got := ReplyFacts(test.reply); !slices.Equal(got, test.want) {
			t.Errorf("%q: %v", test.reply, got)
		}
	}
}

func TestConfigFacts(t *testing.T) {
	got := configFacts("# x\nap_scan=1\n\nnetwork={\n\tssid=\"a=b\"\n}\nnetwork={\n\tssid=\"c\"\n}\nblob-base64-x={\nAAE=\n}\n")
	want := []Fact{{"ap_scan", "1"}, {"network 0 ssid", `"a=b"`}, {"network 1 ssid", `"c"`}, {"blob-base64-x 0 AAE", ""}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestIntrospectionFacts(t *testing.T) {
	got, err := introspectionFacts(`<node><interface name="fi.w1.a"><method name="M"><arg name="x" type="s" direction="in"/></method><signal name="S"><arg type="o"/></signal><property name="P" type="u" access="read"/></interface><node name="n"/></node>`)
	want := []Fact{{"interface a", "present"}, {"method a.M", "(in s x)"}, {"signal a.S", "(o)"}, {"property a.P", "u read"}, {"node n", "present"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := introspectionFacts("<node>"); err == nil {
		t.Error("half a document was accepted")
	}
}

func TestTranscriptRoundTrip(t *testing.T) {
	in := []Answer{{"ctrl A", []Fact{{"", "one\ntwo\t\\"}}}, {"ctrl B", []Fact{{"k", "v"}, {"l", ""}}}, {"saved", nil}}
	text := FormatTranscript(in)
	out, err := ParseTranscript(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) != 3 || out[0].Facts[0].Value != `one\ntwo\t\\` || !slices.Equal(out[1].Facts, in[1].Facts) || out[2].Facts != nil {
		t.Errorf("got %v from\n%s", out, text)
	}
	for _, bad := range []string{"x", "<a> b", "> x\n<a b"} {
		if _, err := ParseTranscript(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestCompare(t *testing.T) {
	up := []Answer{{"same", []Fact{{"", "x"}}}, {"plain", []Fact{{"", "OK"}}}, {"keys", []Fact{{"a", "1"}, {"b", "2"}}},
		{"order", []Fact{{"a", "1"}, {"b", "2"}}}, {"kind", []Fact{{"", "FAIL"}}}, {"gone", []Fact{{"", "x"}}}}
	us := []Answer{{"same", []Fact{{"", "x"}}}, {"plain", []Fact{{"", "NO"}}}, {"keys", []Fact{{"a", "9"}, {"c", "3"}}},
		{"order", []Fact{{"b", "2"}, {"a", "1"}}}, {"kind", []Fact{{"a", "1"}, {"b", "2"}}}, {"new", []Fact{{"", "y"}}}}
	want := []Difference{{"plain", "OK", "NO"}, {"keys # a", "1", "9"}, {"keys # b", "2", Absent}, {"keys # c", Absent, "3"},
		{"order # (order)", "a b", "b a"}, {"kind", "FAIL", `a=1\nb=2`}, {"gone", "x", Absent}, {"new", Absent, "y"}}
	if got := Compare(up, us); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestExplain(t *testing.T) {
	reasons, err := ParseReasons("input\tupstream\tours\treason\n# comment\nplain\tOK\tNO\tbecause\nkeys # *\t*\t(absent)\tlater\nold\t1\t2\tgone\n")
	if err != nil {
		t.Fatal(err)
	}
	unexplained, vanished := Explain([]Difference{{"plain", "OK", "NO"}, {"plain", "OK", "MAYBE"}, {"keys # b", "2", Absent}}, reasons)
	if len(unexplained) != 1 || unexplained[0].Ours != "MAYBE" {
		t.Errorf("unexplained: %v", unexplained)
	}
	if len(vanished) != 1 || vanished[0].Input != "old" || vanished[0].Line != 5 {
		t.Errorf("vanished: %v", vanished)
	}
	for _, bad := range []string{"h\na\tb\tc", "h\na\tb\tc\t ", "h\na\tb\tc\td\te"} {
		if _, err := ParseReasons(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{{"a", "a", true}, {"a", "ab", false}, {"*", "", true}, {"a*c", "abc", true}, {"a*c", "ac", true}, {"a*c", "acb", false},
		{"*b*d", "abcd", true}, {"*b*b", "ab", false}, {"a*b*c", "axbyc", true}} {
		if got := matches(test.pattern, test.text); got != test.want {
			t.Errorf("%q against %q: %v", test.text, test.pattern, got)
		}
	}
}

func FuzzTranscript(f *testing.F) {
	f.Add("> ctrl A\n<> one\\n\n<k> v\n")
	f.Fuzz(func(t *testing.T, text string) {
		answers, err := ParseTranscript(text)
		if err != nil {
			return
		}
		if d := Compare(answers, answers); len(d) != 0 && !repeated(answers) {
			t.Errorf("%q differs from itself: %v", text, d)
		}
	})
}

// repeated: an input or a key that occurs twice, which no transcript of ours has.
func repeated(answers []Answer) bool {
	inputs := map[string]bool{}
	for _, a := range answers {
		keys := map[string]bool{}
		for _, f := range a.Facts {
			if keys[f.Key] {
				return true
			}
			keys[f.Key] = true
		}
		if inputs[a.Input] {
			return true
		}
		inputs[a.Input] = true
	}
	return false
}

func FuzzReply(f *testing.F) {
	f.Add("a=1\nb=2\n", "network={\n\tssid=\"x\"\n}\n", "<node/>")
	f.Fuzz(func(t *testing.T, reply, config, document string) {
		if len(ReplyFacts(reply)) == 0 {
			t.Errorf("nothing said by %q", reply)
		}
		if n := len(configFacts(config)); n > strings.Count(config, "\n")+1 {
			t.Errorf("%d facts in %q", n, config)
		}
		if facts, err := introspectionFacts(document); err == nil {
			if _, err := ParseTranscript(FormatTranscript([]Answer{{"introspect", facts}})); err != nil {
				t.Errorf("%q: %v", document, err)
			}
		}
	})
}
