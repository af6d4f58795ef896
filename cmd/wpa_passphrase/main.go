// Command wpa_passphrase prints the network block of a WPA-PSK network with the
// key computed from its passphrase, so that the daemon need not compute it at
// each start.
//
//	wpa_passphrase SSID [PASSPHRASE]
//
// Without PASSPHRASE one line is read from standard input, without echo if that
// is a terminal. The exit status is 0, or 1 when nothing was printed.
package main

import (
	"bufio"
	"crypto/pbkdf2"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Limits of a passphrase in bytes, and the key's (IEEE 802.11-2020, J.4.1).
const (
	minPassphrase = 8
	maxPassphrase = 63
	keyRounds     = 4096
	keyLen        = 32
)

var (
	errLength    = errors.New("Passphrase must be 8..63 characters")
	errCharacter = errors.New("Invalid passphrase character")
	errRead      = errors.New("Failed to read passphrase")
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) < 1 {
		fmt.Fprint(stdout, "usage: wpa_passphrase <ssid> [passphrase]\n"+
			"\nIf passphrase is left out, it will be read from stdin\n")
		return 1
	}
	var passphrase string
	if len(args) > 1 {
		passphrase = args[1]
	} else {
		fmt.Fprintln(stderr, "# reading passphrase from stdin")
		p, err := read(stdin)
		if err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
		passphrase = p
	}
	block, err := networkBlock(args[0], passphrase)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	if _, err := io.WriteString(stdout, block); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// read takes one line of at most maxPassphrase+1 bytes, one too many being for
// the check to find.
func read(stdin io.Reader) (string, error) {
	if f, ok := stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		line, err := term.ReadPassword(int(f.Fd()))
		if err != nil {
			return "", errRead
		}
		return string(line), nil
	}
	line, err := bufio.NewReader(io.LimitReader(stdin, maxPassphrase+1)).ReadString('\n')
	if err != nil && line == "" {
		return "", errRead
	}
	if i := strings.IndexAny(line, "\r\n\x00"); i >= 0 {
		line = line[:i]
	}
	return line, nil
}

// networkBlock checks the passphrase and makes the text.
func networkBlock(ssid, passphrase string) (string, error) {
	if len(passphrase) < minPassphrase || len(passphrase) > maxPassphrase {
		return "", errLength
	}
	if strings.ContainsFunc(passphrase, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", errCharacter
	}
	psk, err := pbkdf2.Key(sha1.New, passphrase, []byte(ssid), keyRounds, keyLen)
	if err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	return fmt.Sprintf("network={\n\tssid=%s\n\t#psk=\"%s\"\n\tpsk=%x\n}\n", quote(ssid), passphrase, psk), nil
}

// quote is the SSID as the configuration file takes it. A line break inside
// quotes would begin a new line of the file: such names are written in hex.
func quote(ssid string) string {
	if strings.ContainsAny(ssid, "\r\n") {
		return hex.EncodeToString([]byte(ssid))
	}
	return `"` + ssid + `"`
}
