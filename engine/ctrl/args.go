package ctrl

import (
	"fmt"
	"strconv"
	"strings"

	"gosupplicant/drivers"
	"gosupplicant/engine"
)

func invalid(what string) error { return &engine.InvalidError{What: what} }

// number reads a decimal number strictly.
func number(s string, low, high int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high || s[0] == '+' {
		return 0, invalid(fmt.Sprintf("number %.20q", s))
	}
	return n, nil
}

const maxInt = 1<<31 - 1

// id reads a network or credential identifier.
func id(s string) (int, error) { return number(s, 0, maxInt) }

// idAnd reads an identifier and what follows behind a blank.
func idAnd(arg string) (int, string, error) {
	word, rest, _ := strings.Cut(arg, " ")
	n, err := id(word)
	return n, rest, err
}

// bit reads 0 or 1.
func bit(s string) (bool, error) {
	n, err := number(s, 0, 1)
	return n == 1, err
}

// options reads blank separated words of the form name=value.
type options []string

func parseOptions(arg string) options { return strings.Fields(arg) }

// get returns the value of the first word with the name.
func (o options) get(name string) (string, bool) {
	for _, w := range o {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			return v, true
		}
	}
	return "", false
}

func (o options) has(word string) bool {
	for _, w := range o {
		if w == word {
			return true
		}
	}
	return false
}

// maxFreqs bounds a list of frequencies.
const maxFreqs = 512

// parseFreqs reads comma separated MHz values and ranges; of ranges, those that
// the radio has and may use are taken.
func parseFreqs(list string, capa *drivers.Capability) ([]int, error) {
	var out []int
	for part := range strings.SplitSeq(list, ",") {
		low, high, isRange := strings.Cut(part, "-")
		from, err := number(low, 1, 1<<20)
		if err != nil {
			return nil, invalid("frequency list")
		}
		if !isRange {
			out = append(out, from)
		} else {
			to, err := number(high, from, 1<<20)
			if err != nil {
				return nil, invalid("frequency range")
			}
			out = append(out, channelsWithin(from, to, capa)...)
		}
		if len(out) > maxFreqs {
			return nil, invalid("frequency list: too long")
		}
	}
	if len(out) == 0 {
		return nil, invalid("frequency list: the device has none of these channels")
	}
	return out, nil
}

// onChannels refuses a list without any channel of a device whose channels are
// known.
func onChannels(freqs []int, capa *drivers.Capability) error {
	for _, f := range freqs {
		if len(channelsWithin(f, f, capa)) > 0 {
			return nil
		}
	}
	if len(capa.Bands) == 0 {
		return nil
	}
	return invalid("frequency list: the device has none of these channels")
}

func channelsWithin(from, to int, capa *drivers.Capability) []int {
	var out []int
	for _, b := range capa.Bands {
		for _, c := range b.Channels {
			if c.Freq >= from && c.Freq <= to && c.Flags&drivers.ChanDisabled == 0 {
				out = append(out, c.Freq)
			}
		}
	}
	return out
}
