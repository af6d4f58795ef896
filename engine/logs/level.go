package logs

import (
	"log/slog"
	"strings"
)

// Levels, in upstream's numbering 0..5, as slog levels.
const (
	LevelExcessive slog.Level = -12
	LevelMsgDump   slog.Level = -8
	LevelDebug                = slog.LevelDebug
	LevelInfo                 = slog.LevelInfo
	LevelWarning              = slog.LevelWarn
	LevelError                = slog.LevelError
)

var levelNames = [...]string{"EXCESSIVE", "MSGDUMP", "DEBUG", "INFO", "WARNING", "ERROR"}

// Number is upstream's number of a level: 0 excessive … 5 error. Levels in
// between count as the next lower one.
func Number(l slog.Level) int { return min(max((int(l)+12)/4, 0), 5) }

// FromNumber is the level of upstream's number, clamped to 0..5.
func FromNumber(n int) slog.Level { return slog.Level(min(max(n, 0), 5)*4 - 12) }

// Name is the level's name in capitals.
func Name(l slog.Level) string { return levelNames[Number(l)] }

// ParseLevel takes a level's name in any case.
func ParseLevel(s string) (slog.Level, bool) {
	for i, n := range levelNames {
		if strings.EqualFold(n, s) {
			return FromNumber(i), true
		}
	}
	return 0, false
}
