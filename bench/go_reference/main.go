// SPDX-License-Identifier: Apache-2.0

// The way the Agent's uploader works, re-created as a yardstick for command_bench.py: one goroutine
// encodes scopes straight into gzip at Go's default level and posts a batch as multipart when its
// compressed size reaches 2 MiB, one upload at a time.
//
// The original makes its scopes from a binary; here they are read from a file, and only what comes
// after that is timed: encoding, compressing, posting.
//
// usage: go_reference FILE.ndjson URL
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"time"
)

const flushThreshold = 2 << 20

type lineRange struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

type symbol struct {
	Name              string          `json:"name"`
	Type              string          `json:"type"`
	SymbolType        string          `json:"symbol_type"`
	Line              *int            `json:"line,omitempty"`
	LanguageSpecifics json.RawMessage `json:"language_specifics,omitempty"`
}

type scope struct {
	ScopeType          string          `json:"scope_type"`
	Name               string          `json:"name"`
	SourceFile         string          `json:"source_file,omitempty"`
	StartLine          int             `json:"start_line"`
	EndLine            int             `json:"end_line"`
	HasInjectibleLines bool            `json:"has_injectible_lines"`
	InjectibleLines    []lineRange     `json:"injectible_lines,omitempty"`
	LanguageSpecifics  json.RawMessage `json:"language_specifics,omitempty"`
	Symbols            []symbol        `json:"symbols,omitempty"`
	Scopes             []scope         `json:"scopes,omitempty"`
}

type batcher struct {
	url        string
	compressed bytes.Buffer
	gzip       *gzip.Writer
	json       *json.Encoder
	scopes     int
	bytes      int
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (b *batcher) write(text []byte) {
	_, err := b.gzip.Write(text)
	check(err)
}

func (b *batcher) begin() {
	b.compressed.Reset()
	b.gzip.Reset(&b.compressed)
	b.scopes = 0
	b.write([]byte(`{"service":"bench","env":"","version":"1","language":"go","upload_id":"u","scopes":[`))
}

func (b *batcher) add(s *scope) {
	if b.scopes > 0 {
		b.write([]byte(","))
	}
	check(b.json.Encode(s))
	b.scopes++
	if b.compressed.Len() >= flushThreshold {
		b.flush()
		b.begin()
	}
}

func (b *batcher) flush() {
	b.write([]byte("]}"))
	check(b.gzip.Close())
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "file.gz")
	check(err)
	_, err = part.Write(b.compressed.Bytes())
	check(err)
	check(form.WriteField("event", `{"ddsource":"dd_debugger","type":"symdb"}`))
	check(form.Close())
	b.bytes += b.compressed.Len()
	response, err := http.Post(b.url, form.FormDataContentType(), &body)
	check(err)
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
	if response.StatusCode >= 300 {
		check(fmt.Errorf("the receiver answered %s", response.Status))
	}
}

func main() {
	file, err := os.Open(os.Args[1])
	check(err)
	b := &batcher{url: os.Args[2], gzip: gzip.NewWriter(io.Discard)}
	b.json = json.NewEncoder(b.gzip)
	b.json.SetEscapeHTML(false)
	b.begin()
	var spent time.Duration
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 1<<20), 64<<20)
	for lines.Scan() {
		var s scope
		check(json.Unmarshal(lines.Bytes(), &s))
		started := time.Now()
		b.add(&s)
		spent += time.Since(started)
	}
	check(lines.Err())
	started := time.Now()
	b.flush()
	spent += time.Since(started)
	fmt.Printf("{\"compressed_bytes\":%d,\"seconds\":%f}\n", b.bytes, spent.Seconds())
}
