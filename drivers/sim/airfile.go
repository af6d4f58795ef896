package sim

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"gosupplicant/engine/dot11"
)

// Limits of an air file.
const (
	MaxFileSize   = 1 << 20 // bytes
	maxRadios     = 64
	maxInterfaces = 256
)

// ParsePlan parses the text of an air file; name is what errors call it. The
// grammar is in the package comment. An error names the line and what is wrong
// with it.
func ParsePlan(name string, text []byte) (*Plan, error) {
	if len(text) > MaxFileSize {
		return nil, fmt.Errorf("sim: %s: air file of more than %d bytes", name, MaxFileSize)
	}
	p := &planner{plan: NewPlan(name), bssids: map[dot11.MAC]int{}, ifnames: map[string]bool{}}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if err := p.line(string(bytes.TrimRight(line, "\r\n"))); err != nil {
			return nil, fmt.Errorf("sim: %s:%d: %w", name, n, err)
		}
	}
	if len(p.plan.Radios) == 0 {
		r := newRadioPlan("phy0")
		r.Interfaces = []string{"sim0"}
		p.plan.Radios = append(p.plan.Radios, r)
	}
	return p.plan, nil
}

// planner is a file being read.
type planner struct {
	plan    *Plan
	bssids  map[dot11.MAC]int // to index in plan.APs; -1 for members
	ifnames map[string]bool
}

// directives are the first words of lines.
var directives = map[string]func(*planner, *words) error{
	"country": (*planner).country,
	"dwell":   (*planner).dwell,
	"loss":    (*planner).loss,
	"delay":   (*planner).delay,
	"noise":   (*planner).noise,
	"radio":   (*planner).radio,
	"ap":      (*planner).ap,
	"member":  (*planner).member,
	"owe":     (*planner).owe,
	"many":    (*planner).many,
}

func (p *planner) line(s string) error {
	w, err := splitWords(s)
	if err != nil || len(w.list) == 0 {
		return err
	}
	name := w.list[0]
	f, ok := directives[name.text]
	if !ok || name.quoted || name.key != "" {
		return fmt.Errorf("unknown directive %q", name.String())
	}
	w.list = w.list[1:]
	if err := f(p, w); err != nil {
		return fmt.Errorf("%s: %w", name.text, err)
	}
	if len(w.list) > 0 {
		return fmt.Errorf("%s: unknown word %q", name.text, w.list[0].String())
	}
	return nil
}

// word is text, "quoted text", or key=text.
type word struct {
	key    string
	text   string // unescaped when quoted
	quoted bool
}

func (w word) String() string {
	s := w.text
	if w.key != "" {
		s = w.key + "=" + s
	}
	if len(s) > 40 {
		s = s[:40] + "…"
	}
	return s
}

// words are the words of a line; directives take out what they know.
type words struct{ list []word }

// splitWords cuts a line into words and drops the comment.
func splitWords(s string) (*words, error) {
	w := &words{}
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return nil, fmt.Errorf("not UTF-8 text; write other bytes as \\x in quotes")
	}
	for {
		s = strings.TrimLeft(s, " \t")
		if s == "" || s[0] == '#' {
			return w, nil
		}
		var one word
		// A key is what stands before the first = outside quotes.
		if end := strings.IndexAny(s, "=\" \t"); end > 0 && s[end] == '=' {
			one.key, s = s[:end], s[end+1:]
		}
		if strings.HasPrefix(s, `"`) {
			end := closingQuote(s)
			if end < 0 {
				return nil, fmt.Errorf("quote is not closed")
			}
			one.text, one.quoted, s = string(dot11.ParseEscaped(s[1:end])), true, s[end+1:]
			if s != "" && s[0] != ' ' && s[0] != '\t' {
				return nil, fmt.Errorf("text after a closing quote")
			}
		} else {
			end := strings.IndexAny(s, " \t")
			if end < 0 {
				end = len(s)
			}
			one.text, s = s[:end], s[end:]
		}
		w.list = append(w.list, one)
	}
}

// closingQuote returns the index of the quote that ends s, which begins with
// one; -1 without.
func closingQuote(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// plain takes the first word that has no key.
func (w *words) plain(what string, quoted bool) (string, error) {
	for i, one := range w.list {
		if one.key == "" && one.quoted == quoted {
			w.list = append(w.list[:i:i], w.list[i+1:]...)
			return one.text, nil
		}
	}
	return "", fmt.Errorf("%s is missing", what)
}

// value takes key=text out; a second one stays and is reported as unknown.
func (w *words) value(key string) (string, bool) {
	for i, one := range w.list {
		if one.key == key {
			w.list = append(w.list[:i:i], w.list[i+1:]...)
			return one.text, true
		}
	}
	return "", false
}

// flag takes a bare word out.
func (w *words) flag(name string) bool {
	for i, one := range w.list {
		if one.key == "" && !one.quoted && one.text == name {
			w.list = append(w.list[:i:i], w.list[i+1:]...)
			return true
		}
	}
	return false
}
