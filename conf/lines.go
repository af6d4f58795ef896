package conf

import (
	"bytes"
	"strings"
)

// cleanLine takes the blanks and the comment off a line as the file knows them:
// a # starts a comment unless a double quote follows it on the line and another
// stands before. It reports false when nothing is left.
func cleanLine(s string) (string, bool) {
	s = strings.TrimLeft(s, " \t\r")
	if s == "" || s[0] == '#' || s[0] == '\n' {
		return "", false
	}
	from := 0
	if first, last := strings.IndexByte(s, '"'), strings.LastIndexByte(s, '"'); last > first {
		from = last
	}
	if hash := strings.IndexByte(s[from:], '#'); hash >= 0 {
		s = s[:from+hash]
	}
	s = strings.TrimRight(s, " \t\r\n")
	return s, s != ""
}

// A lineReader hands out the lines of a file that say something.
type lineReader struct {
	rest   []byte
	number int  // of the line handed out last, from 1
	cut    bool // that line was longer than its limit
}

// next returns the next line that is neither blank nor a comment. Of a longer
// line only the first limit octets are taken.
func (r *lineReader) next(limit int) (string, bool) {
	for len(r.rest) > 0 {
		line, rest, _ := bytes.Cut(r.rest, []byte{'\n'})
		r.rest = rest
		r.number++
		r.cut = len(line) > limit
		if r.cut {
			line = line[:limit]
		}
		if s, ok := cleanLine(string(line)); ok {
			return s, true
		}
	}
	return "", false
}
