package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxRequest is the longest datagram the daemon takes, in bytes.
const maxRequest = 8192

// command is one row of the tables: what the user types and what is sent.
type command struct {
	name   string
	args   string // for the help
	help   string
	min    int    // arguments needed
	what   string // names them in the message about missing ones
	sends  string // the control command; the name in capitals if empty
	secret bool   // kept out of the history
	// build makes the request from at least min arguments; nil joins them with
	// blanks behind the control command.
	build func(c *command, args []string) (string, error)
	// local does the command's work itself.
	local func(s *session, c *command, args []string) int
}

// usageError is what the user did wrong, to be printed as it is.
type usageError string

func (e usageError) Error() string { return string(e) }

func (c *command) control() string {
	if c.sends != "" {
		return c.sends
	}
	return strings.ToUpper(c.name)
}

// request is the datagram for args.
func (c *command) request(args []string) (string, error) {
	if len(args) < c.min {
		return "", c.tooFew()
	}
	for _, a := range args {
		if strings.ContainsRune(a, 0) {
			return "", usageError(fmt.Sprintf("Invalid %s command - an argument has a zero byte.", c.control()))
		}
	}
	build := c.build
	if build == nil {
		build = joinArgs
	}
	req, err := build(c, args)
	if err == nil && len(req) > maxRequest {
		return "", usageError(fmt.Sprintf("Too long %s command.", c.control()))
	}
	return req, err
}

var numberWords = map[int]string{2: "two", 3: "three"}

func (c *command) tooFew() error {
	if c.what != "" {
		return usageError(fmt.Sprintf("Invalid %s command: needs %s arguments%s", c.control(), numberWords[c.min], blank(c.what)))
	}
	s := "s are"
	if c.min == 1 {
		s = " is"
	}
	return usageError(fmt.Sprintf("Invalid %s command - at least %d argument%s required.", c.control(), c.min, s))
}

// blank puts one before text that stays on the line.
func blank(text string) string {
	if strings.HasPrefix(text, "\n") {
		return text
	}
	return " " + text
}

func joinArgs(c *command, args []string) (string, error) {
	if len(args) == 0 {
		return c.control(), nil
	}
	return c.control() + " " + strings.Join(args, " "), nil
}

func buildStatus(c *command, args []string) (string, error) {
	if len(args) > 0 {
		switch args[0] {
		case "verbose", "wps", "driver":
			return "STATUS-" + strings.ToUpper(args[0]), nil
		}
	}
	return "STATUS", nil
}

// buildSet keeps the blank behind the name: that is the empty value.
func buildSet(c *command, args []string) (string, error) {
	if len(args) == 1 {
		return "SET " + args[0] + " ", nil
	}
	return joinArgs(c, args)
}

func buildFlush(c *command, args []string) (string, error) {
	if len(args) == 0 {
		args = []string{"0"}
	}
	return joinArgs(c, args)
}

func buildAutoscan(c *command, args []string) (string, error) {
	return c.control() + " " + strings.Join(args, " "), nil
}

func buildGetCapability(c *command, args []string) (string, error) {
	if len(args) < 1 || len(args) > 3 {
		return "", usageError("Invalid GET_CAPABILITY command: need at least one argument and max three arguments")
	}
	return joinArgs(c, args)
}

// buildResponse answers a CTRL-REQ.
func buildResponse(c *command, args []string) (string, error) {
	return "CTRL-RSP-" + c.control() + "-" + args[0] + ":" + strings.Join(args[1:], " "), nil
}

// buildInterfaceAdd separates the fields by tabulators; nine are always sent.
func buildInterfaceAdd(c *command, args []string) (string, error) {
	const fields = 9
	if len(args) > fields {
		return "", usageError(fmt.Sprintf("Invalid %s command: at most %d arguments", c.control(), fields))
	}
	for _, a := range args {
		if strings.ContainsAny(a, "\t\n") {
			return "", usageError(fmt.Sprintf("Invalid %s command: an argument has a tabulator or line break", c.control()))
		}
	}
	all := append(slices.Clone(args), make([]string, fields-len(args))...)
	return c.control() + " " + strings.Join(all, "\t"), nil
}

// buildWPSConfig takes two arguments, or six of which SSID and key are sent in
// hex.
func buildWPSConfig(c *command, args []string) (string, error) {
	if len(args) == 2 {
		return joinArgs(c, args)
	}
	if len(args) != 5 && len(args) != 6 {
		return "", usageError(fmt.Sprintf("Invalid %s command: need %s", c.control(), c.args))
	}
	sent := slices.Clone(args)
	for _, i := range []int{2, 5} {
		if i < len(sent) {
			sent[i] = hex.EncodeToString([]byte(sent[i]))
		}
	}
	return joinArgs(c, sent)
}

// allCommands is the order of the help.
func allCommands() []command { return append(stationCommands(), otherCommands()...) }

// find looks a command up: in any case, an exact name or a unique prefix. The
// names are those that fit when the result is nil.
func find(word string) (*command, []string) {
	word = strings.ToLower(word)
	var fits []string
	var found *command
	all := allCommands()
	for i := range all {
		if all[i].name == word {
			return &all[i], nil
		}
		if strings.HasPrefix(all[i].name, word) {
			fits = append(fits, all[i].name)
			found = &all[i]
		}
	}
	if len(fits) == 1 {
		return found, nil
	}
	return nil, fits
}

func printHelp(w io.Writer, prefix string) {
	for _, c := range allCommands() {
		if !strings.HasPrefix(c.name, strings.ToLower(prefix)) {
			continue
		}
		line := "  " + c.name
		if c.args != "" {
			line += " " + c.args
		}
		if c.help != "" {
			line += " = " + c.help
		}
		fmt.Fprintln(w, line)
	}
}
