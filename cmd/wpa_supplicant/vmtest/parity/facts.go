package parity

import (
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Fact is one thing that an answer says; Key is "" when it says only one.
type Fact struct{ Key, Value string }

// ReplyFacts cuts a control reply: by key when it consists of key=value lines.
func ReplyFacts(reply string) []Fact {
	lines := strings.Split(strings.TrimSuffix(reply, "\n"), "\n")
	if len(lines) < 2 {
		return []Fact{{"", reply}}
	}
	var facts []Fact
	for _, l := range lines {
		key, value, ok := strings.Cut(l, "=")
		if !ok || strings.ContainsAny(key, "\t[<") {
			return []Fact{{"", reply}}
		}
		facts = append(facts, Fact{key, value})
	}
	return facts
}

// configFacts cuts a configuration file: "name", "network 0 name",
// "cred 0 name", "blob NAME".
func configFacts(text string) []Fact {
	var facts []Fact
	count := map[string]int{}
	block := ""
	for _, l := range strings.Split(text, "\n") {
		l = strings.TrimSpace(l)
		switch name, value, ok := strings.Cut(l, "="); {
		case l == "" || l[0] == '#':
		case strings.HasSuffix(l, "={") && block == "":
			kind := strings.TrimSuffix(l, "={")
			block = fmt.Sprintf("%s %d ", kind, count[kind])
			count[kind]++
		case l == "}":
			block = ""
		case ok:
			facts = append(facts, Fact{block + name, value})
		default:
			facts = append(facts, Fact{block, l})
		}
	}
	return facts
}

type introspection struct {
	Interfaces []struct {
		Name    string   `xml:"name,attr"`
		Methods []member `xml:"method"`
		Signals []member `xml:"signal"`
		Props   []struct {
			Name   string `xml:"name,attr"`
			Type   string `xml:"type,attr"`
			Access string `xml:"access,attr"`
		} `xml:"property"`
	} `xml:"interface"`
	Nodes []struct {
		Name string `xml:"name,attr"`
	} `xml:"node"`
}

type member struct {
	Name string `xml:"name,attr"`
	Args []struct {
		Name      string `xml:"name,attr"`
		Type      string `xml:"type,attr"`
		Direction string `xml:"direction,attr"`
	} `xml:"arg"`
}

func (m member) text() string {
	var args []string
	for _, a := range m.Args {
		args = append(args, strings.TrimSpace(a.Direction+" "+a.Type+" "+a.Name))
	}
	return "(" + strings.Join(args, ", ") + ")"
}

// introspectionFacts cuts introspection data: a fact for each member.
func introspectionFacts(text string) ([]Fact, error) {
	var node introspection
	if err := xml.Unmarshal([]byte(text), &node); err != nil {
		return nil, fmt.Errorf("introspection data: %w", err)
	}
	var facts []Fact
	for _, i := range node.Interfaces {
		short := strings.TrimPrefix(i.Name, "fi.w1.")
		facts = append(facts, Fact{"interface " + short, "present"})
		for _, m := range i.Methods {
			facts = append(facts, Fact{"method " + short + "." + m.Name, m.text()})
		}
		for _, m := range i.Signals {
			facts = append(facts, Fact{"signal " + short + "." + m.Name, m.text()})
		}
		for _, p := range i.Props {
			facts = append(facts, Fact{"property " + short + "." + p.Name, p.Type + " " + p.Access})
		}
	}
	for _, n := range node.Nodes {
		facts = append(facts, Fact{"node " + n.Name, "present"})
	}
	return facts, nil
}

// Answer is what was said to one input.
type Answer struct {
	Input string
	Facts []Fact
}

// FormatTranscript writes answers as text: "> input", then a line a fact,
// "< value" or "<key> value", special characters escaped.
func FormatTranscript(answers []Answer) string {
	var b strings.Builder
	for _, a := range answers {
		fmt.Fprintf(&b, "> %s\n", a.Input)
		for _, f := range a.Facts {
			fmt.Fprintf(&b, "<%s> %s\n", escape(f.Key), escape(f.Value))
		}
	}
	return b.String()
}

// ParseTranscript reads what FormatTranscript wrote; values stay escaped.
func ParseTranscript(text string) ([]Answer, error) {
	var answers []Answer
	for n, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch {
		case strings.HasPrefix(l, "> "):
			answers = append(answers, Answer{Input: l[2:]})
		case strings.HasPrefix(l, "<") && len(answers) > 0:
			key, value, ok := strings.Cut(l[1:], "> ")
			if !ok {
				return nil, fmt.Errorf("transcript line %d: no key: %q", n+1, l)
			}
			last := &answers[len(answers)-1]
			last.Facts = append(last.Facts, Fact{key, value})
		default:
			return nil, fmt.Errorf("transcript line %d: %q", n+1, l)
		}
	}
	return answers, nil
}

var escapes = strings.NewReplacer("\\", `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`)

func escape(s string) string { return escapes.Replace(s) }

// sortedKeys are the keys of a dictionary in a fixed order.
func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
