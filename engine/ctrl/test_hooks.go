//go:build !testoptions

package ctrl

import "gosupplicant/engine"

// Binaries built with the tag testoptions know commands and variables for test
// programs besides; all others have none of them.
var (
	testCommands  []command
	testVariables map[string]func(*engine.Interface, string) error
)

func (r *request) testValue() (string, bool)    { return "", false }
func lineOfTest(engine.Event) (l line, ok bool) { return line{}, false }
