package sim

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gosupplicant/drivers/sim/simap"
	"gosupplicant/engine/dot11"
)

// take reads an optional key=value with parse; the error names the key.
func take[T any](w *words, key string, dst *T, parse func(string) (T, error)) error {
	s, ok := w.value(key)
	if !ok {
		return nil
	}
	v, err := parse(s)
	if err != nil {
		return fmt.Errorf("%s=%s: %w", key, s, err)
	}
	*dst = v
	return nil
}

// need is take for a key that must be there.
func need[T any](w *words, key string, dst *T, parse func(string) (T, error)) error {
	if !slices.ContainsFunc(w.list, func(o word) bool { return o.key == key }) {
		return fmt.Errorf("%s= is missing", key)
	}
	return take(w, key, dst, parse)
}

// first returns the first error of its arguments, which are all evaluated.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func intBetween(lo, hi int) func(string) (int, error) {
	return func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < lo || n > hi {
			return 0, fmt.Errorf("want a number from %d to %d", lo, hi)
		}
		return n, nil
	}
}

func durationBetween(lo, hi time.Duration) func(string) (time.Duration, error) {
	return func(s string) (time.Duration, error) {
		d, err := time.ParseDuration(s)
		if err != nil || d < lo || d > hi {
			return 0, fmt.Errorf("want a time from %v to %v, such as 30ms", lo, hi)
		}
		return d, nil
	}
}

func percent(s string) (float64, error) {
	f, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > 100 {
		return 0, fmt.Errorf("want 0%% to 100%%")
	}
	return f / 100, nil
}

func countryCode(s string) (string, error) {
	if !validCountry(s) {
		return "", fmt.Errorf("want two capital letters, or 00")
	}
	return s, nil
}

func individual(s string) (dot11.MAC, error) {
	m, err := dot11.ParseMAC(s)
	if err == nil && (m.IsGroup() || m.IsZero()) {
		err = fmt.Errorf("%s is not an individual address", m)
	}
	return m, err
}

// oneOf returns a parser for a closed set of words.
func oneOf[T ~uint8](names ...string) func(string) (T, error) {
	return func(s string) (T, error) {
		if i := slices.Index(names, s); i >= 0 {
			return T(i), nil
		}
		return 0, fmt.Errorf("want one of %s", strings.Join(names, ", "))
	}
}

var (
	parsePhy      = oneOf[simap.Phy]("legacy", "ht", "vht", "he", "eht")
	parseWPS      = oneOf[simap.WPS]("none", "configured", "unconfigured", "pbc", "pin")
	parseSecurity = oneOf[simap.Security](simap.SecurityNames()...)
)

func parseBands(s string) ([]dot11.Band, error) {
	var out []dot11.Band
	for _, one := range strings.Split(s, ",") {
		b, err := parseBand(one)
		if err != nil {
			return nil, err
		}
		if slices.Contains(out, b) {
			return nil, fmt.Errorf("band %s twice", one)
		}
		out = append(out, b)
	}
	slices.Sort(out)
	return out, nil
}

func parseBand(s string) (dot11.Band, error) {
	switch s {
	case "2":
		return dot11.Band2GHz, nil
	case "5":
		return dot11.Band5GHz, nil
	case "6":
		return dot11.Band6GHz, nil
	}
	return dot11.BandUnknown, fmt.Errorf("want 2, 5 or 6")
}

// channelFreq turns a channel number into MHz; band may be BandUnknown.
func channelFreq(ch int, band dot11.Band) (int, error) {
	if band == dot11.BandUnknown {
		band = dot11.Band5GHz
		if ch <= 14 {
			band = dot11.Band2GHz
		}
	}
	if f := dot11.Freq(band, ch); f != 0 && slices.Contains(bandChannels(band), ch) {
		return f, nil
	}
	return 0, fmt.Errorf("channel %d does not exist in %v", ch, band)
}

// parseDrift reads DB/PERIOD.
func parseDrift(s string) (Drift, error) {
	db, period, ok := strings.Cut(s, "/")
	if !ok {
		return Drift{}, fmt.Errorf("want DB/PERIOD, such as 10/60s")
	}
	n, err := intBetween(0, 60)(db)
	if err != nil {
		return Drift{}, err
	}
	d, err := durationBetween(time.Second, 24*time.Hour)(period)
	return Drift{DB: n, Period: d}, err
}

// parseLoad reads STATIONS/UTILIZATION.
func parseLoad(s string) (*simap.Load, error) {
	st, ut, ok := strings.Cut(s, "/")
	if !ok {
		return nil, fmt.Errorf("want STATIONS/UTILIZATION, such as 4/30")
	}
	n, err := intBetween(0, 65535)(st)
	if err != nil {
		return nil, err
	}
	u, err := intBetween(0, 255)(ut)
	return &simap.Load{Stations: uint16(n), Utilization: uint8(u)}, err
}

func parseMobility(s string) ([]byte, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 2 {
		return nil, fmt.Errorf("want four hexadecimal digits")
	}
	return b, nil
}

// parseSpan reads A..B, or A alone.
func parseSpan(s string) ([2]int, error) {
	a, b, two := strings.Cut(s, "..")
	if !two {
		b = a
	}
	lo, err1 := intBetween(-120, 0)(a)
	hi, err2 := intBetween(-120, 0)(b)
	if err := first(err1, err2); err != nil {
		return [2]int{}, err
	}
	return [2]int{min(lo, hi), max(lo, hi)}, nil
}

func parseName(s string) (string, error) { return s, nil }

// validIfname tells what the kernel takes for a name, and what needs no quotes.
func validIfname(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
	return len(s) >= 1 && len(s) <= 15 && strings.Trim(s, letters) == "" && s != "." && s != ".."
}
