package parity

import (
	"fmt"
	"strings"
)

// Absent stands for a fact that one side does not have.
const Absent = "(absent)"

// Difference is one thing on which two transcripts do not agree.
type Difference struct {
	Input    string // the step, and " # key" when its answer has keys
	Upstream string
	Ours     string
}

func (d Difference) String() string {
	return strings.Join([]string{d.Input, d.Upstream, d.Ours}, "\t")
}

// Compare lists the differences of two transcripts of one script.
func Compare(upstream, ours []Answer) []Difference {
	var all []Difference
	byInput := map[string]Answer{}
	for _, a := range ours {
		byInput[a.Input] = a
	}
	for _, u := range upstream {
		all = append(all, compareAnswer(u, byInput[u.Input])...)
		delete(byInput, u.Input)
	}
	for _, o := range ours {
		if _, extra := byInput[o.Input]; extra {
			all = append(all, compareAnswer(Answer{Input: o.Input}, o)...)
		}
	}
	return all
}

func compareAnswer(u, o Answer) []Difference {
	// An answer with and one without keys are compared as wholes.
	if keyed(u) != keyed(o) && len(u.Facts) > 0 && len(o.Facts) > 0 {
		return []Difference{{u.Input, whole(u), whole(o)}}
	}
	var out []Difference
	mine := map[string]string{}
	for _, f := range o.Facts {
		mine[f.Key] = f.Value
	}
	seen := map[string]bool{}
	for _, f := range u.Facts {
		seen[f.Key] = true
		value, ok := mine[f.Key]
		if !ok {
			value = Absent
		}
		if value != f.Value {
			out = append(out, Difference{about(u.Input, f.Key), f.Value, value})
		}
	}
	for _, f := range o.Facts {
		if !seen[f.Key] {
			out = append(out, Difference{about(o.Input, f.Key), Absent, f.Value})
		}
	}
	if len(out) == 0 && order(u) != order(o) {
		out = append(out, Difference{about(u.Input, "(order)"), order(u), order(o)})
	}
	return out
}

func keyed(a Answer) bool { return len(a.Facts) > 1 || len(a.Facts) == 1 && a.Facts[0].Key != "" }

func whole(a Answer) string {
	var parts []string
	for _, f := range a.Facts {
		if f.Key == "" {
			parts = append(parts, f.Value)
		} else {
			parts = append(parts, f.Key+"="+f.Value)
		}
	}
	return strings.Join(parts, `\n`)
}

// order is the sequence of keys where it can be seen: in replies of the
// control socket and in files, not in dictionaries and introspection data.
func order(a Answer) string {
	if strings.HasPrefix(a.Input, "getall") || strings.HasPrefix(a.Input, "introspect") {
		return ""
	}
	var keys []string
	for _, f := range a.Facts {
		keys = append(keys, f.Key)
	}
	return strings.Join(keys, " ")
}

func about(input, key string) string {
	if key == "" {
		return input
	}
	return input + " # " + key
}

// Reason is a row of the list of known differences. Input, Upstream and Ours
// may contain * for any text.
type Reason struct {
	Difference
	Why  string
	Line int
}

// ParseReasons reads the list: tab-separated, a header line, # comments.
func ParseReasons(text string) ([]Reason, error) {
	var all []Reason
	for n, l := range strings.Split(text, "\n") {
		if n == 0 || l == "" || l[0] == '#' {
			continue
		}
		f := strings.Split(l, "\t")
		if len(f) != 4 || strings.TrimSpace(f[3]) == "" {
			return nil, fmt.Errorf("differences line %d: want input, upstream, ours and a reason, got %d columns", n+1, len(f))
		}
		all = append(all, Reason{Difference{f[0], f[1], f[2]}, f[3], n + 1})
	}
	return all, nil
}

// Explain sets the differences against the list: those that no row explains,
// and the rows that explain nothing.
func Explain(found []Difference, reasons []Reason) (unexplained []Difference, vanished []Reason) {
	used := make([]bool, len(reasons))
	for _, d := range found {
		explained := false
		for i, r := range reasons {
			if matches(r.Input, d.Input) && matches(r.Upstream, d.Upstream) && matches(r.Ours, d.Ours) {
				explained, used[i] = true, true
				break
			}
		}
		if !explained {
			unexplained = append(unexplained, d)
		}
	}
	for i, r := range reasons {
		if !used[i] {
			vanished = append(vanished, r)
		}
	}
	return unexplained, vanished
}

// matches compares text with a pattern in which * stands for any text.
func matches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	text = text[len(parts[0]):]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(text, p)
		if i < 0 {
			return false
		}
		text = text[i+len(p):]
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}
