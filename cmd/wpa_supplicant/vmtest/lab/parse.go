package lab

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// ScanRow is one line of the control socket's scan_results.
type ScanRow struct {
	BSSID string
	Freq  int // MHz
	Level int // dBm
	Flags string
	SSID  string // in the escaped spelling of the socket
}

// scanHeader is the first line of scan_results.
const scanHeader = "bssid / frequency / signal level / flags / ssid"

// ParseScanResults reads the reply of SCAN_RESULTS (or of wpa_cli's command).
func ParseScanResults(text string) ([]ScanRow, error) {
	var rows []ScanRow
	header := false
	for n, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if line == scanHeader {
			header = true
			continue
		}
		if !header {
			if strings.HasPrefix(line, "Selected interface") || line == "" {
				continue // wpa_cli's chatter
			}
			return nil, fmt.Errorf("scan_results line %d: no header before %q", n+1, line)
		}
		f := strings.SplitN(line, "\t", 5)
		if len(f) != 5 {
			return nil, fmt.Errorf("scan_results line %d: %d columns, want 5: %q", n+1, len(f), line)
		}
		freq, err := strconv.Atoi(f[1])
		if err != nil {
			return nil, fmt.Errorf("scan_results line %d: frequency: %w", n+1, err)
		}
		level, err := strconv.Atoi(f[2])
		if err != nil {
			return nil, fmt.Errorf("scan_results line %d: level: %w", n+1, err)
		}
		rows = append(rows, ScanRow{BSSID: f[0], Freq: freq, Level: level, Flags: f[3], SSID: f[4]})
	}
	if !header {
		return nil, fmt.Errorf("scan_results: no header in %q", text)
	}
	return rows, nil
}

// Field is one key=value line.
type Field struct{ Key, Value string }

// ParseFields reads key=value lines (STATUS, BSS ...), in their order.
func ParseFields(text string) ([]Field, error) {
	var fields []Field
	for n, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if line == "" || strings.HasPrefix(line, "Selected interface") {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("line %d: no '=' in %q", n+1, line)
		}
		fields = append(fields, Field{key, value})
	}
	return fields, nil
}

// volatileBSS are the fields of BSS that differ between two observers or two
// moments though the network is the same.
var volatileBSS = map[string]bool{"id": true, "age": true, "tsf": true, "level": true, "snr": true, "noise": true,
	"est_throughput": true, "qual": true, "update_idx": true}

// StableBSS is the comparable form of a BSS reply: fields in order, without
// the volatile ones, elements without their counters.
func StableBSS(text string) ([]string, error) {
	fields, err := ParseFields(text)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range fields {
		if volatileBSS[f.Key] {
			continue
		}
		if f.Key == "ie" || f.Key == "beacon_ie" {
			if f.Value, err = StableElements(f.Value); err != nil {
				return nil, fmt.Errorf("%s: %w", f.Key, err)
			}
		}
		out = append(out, f.Key+"="+f.Value)
	}
	return out, nil
}

// StableElements takes elements in hexadecimal and clears what counts beacons:
// the DTIM count and the traffic map of the TIM element (IEEE 802.11-2020,
// 9.4.2.5), the changing part of BSS Load (9.4.2.27) is left alone.
func StableElements(text string) (string, error) {
	b, err := hex.DecodeString(text)
	if err != nil {
		return "", err
	}
	for i := 0; i < len(b); {
		if len(b)-i < 2 || len(b)-i-2 < int(b[i+1]) {
			return "", fmt.Errorf("element at offset %d runs past the end (%d bytes)", i, len(b))
		}
		body := b[i+2 : i+2+int(b[i+1])]
		const tim = 5
		if b[i] == tim && len(body) >= 4 {
			body[0] = 0
			for k := 2; k < len(body); k++ {
				body[k] = 0
			}
		}
		i += 2 + len(body)
	}
	return hex.EncodeToString(b), nil
}

// Level returns the level field of a BSS reply in dBm.
func Level(text string) (int, error) {
	fields, err := ParseFields(text)
	if err != nil {
		return 0, err
	}
	for _, f := range fields {
		if f.Key == "level" {
			return strconv.Atoi(f.Value)
		}
	}
	return 0, fmt.Errorf("no level in %q", text)
}
