// Times cel-go on expressions: reads "NAME MILLISECONDS" lines, answers each with one line of
// fields between tabs: "ok", nanoseconds per evaluation, result; or "unsupported", reason.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"
)

const batchNanoseconds = 10_000_000

// The values as Go programs have them: an object is a map by name, a header map one of strings.
// Each is declared as a map of its own, so that `request.path` is what it looks like.
type inputs struct {
	values map[string]any
}

func (in *inputs) add(name string, value any) {
	object, field, _ := strings.Cut(name, ".")
	if in.values[object] == nil {
		in.values[object] = map[string]any{}
	}
	in.values[object].(map[string]any)[field] = value
}

func (in *inputs) options() []cel.EnvOption {
	var options []cel.EnvOption
	for name := range in.values {
		options = append(options, cel.Variable(name, cel.MapType(cel.StringType, cel.DynType)))
	}
	return options
}

func readInputs(path string) (*inputs, error) {
	in := &inputs{values: map[string]any{}}
	headers := map[string]string{}
	pseudo := map[string]string{":method": "request.method", ":path": "request.path",
		":authority": "request.host", ":scheme": "request.scheme"}
	lines, err := readLines(path)
	if err != nil {
		return nil, err
	}
	for _, line := range lines {
		parts := strings.SplitN(line, " ", 3)
		if len(parts) != 3 {
			return nil, fmt.Errorf("%s: not three words: %s", path, line)
		}
		kind, name, text := parts[0], parts[1], parts[2]
		if kind != "header" {
			if err := in.addVariable(kind, name, text); err != nil {
				return nil, err
			}
		} else if variable, found := pseudo[name]; found {
			in.add(variable, text)
		} else {
			headers[name] = text
		}
	}
	in.add("request.headers", headers)
	return in, nil
}

func (in *inputs) addVariable(kind, name, text string) error {
	switch kind {
	case "int", "timestamp":
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		if kind == "int" {
			in.add(name, number)
		} else {
			in.add(name, time.Unix(number, 0).UTC())
		}
	case "list":
		in.add(name, strings.Fields(text))
	case "map":
		entries := map[string]int64{}
		for _, entry := range strings.Fields(text) {
			key, value, _ := strings.Cut(entry, "=")
			number, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return err
			}
			entries[key] = number
		}
		in.add(name, entries)
	default:
		return fmt.Errorf("unknown kind of input: %s", kind)
	}
	return nil
}

func readLines(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, line := range strings.Split(string(text), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

func compile(env *cel.Env, text string) (cel.Program, error) {
	checked, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	return env.Program(checked, cel.EvalOptions(cel.OptOptimize))
}

// The median of batches of some milliseconds each, until the time is used up.
func measure(program cel.Program, activation cel.Activation, nanoseconds int64) float64 {
	var batches []float64
	count := int64(1)
	for spent := int64(0); spent < nanoseconds; {
		start := time.Now()
		for i := int64(0); i < count; i++ {
			program.Eval(activation)
		}
		took := time.Since(start).Nanoseconds()
		if took < batchNanoseconds {
			count = nextCount(count, took)
			continue
		}
		spent += took
		batches = append(batches, float64(took)/float64(count))
	}
	sort.Float64s(batches)
	return batches[len(batches)/2]
}

func nextCount(count, took int64) int64 {
	if took*10 < batchNanoseconds {
		return count * 10
	}
	return count*batchNanoseconds/took + count/10 + 1
}

func render(value ref.Val) (string, error) {
	switch value := value.(type) {
	case types.Bool, types.Int:
		return fmt.Sprint(value.Value()), nil
	case types.String:
		return `"` + string(value) + `"`, nil
	case traits.Lister:
		var items []string
		for it := value.Iterator(); it.HasNext() == types.True; {
			item, err := render(it.Next())
			if err != nil {
				return "", err
			}
			items = append(items, item)
		}
		return "[" + strings.Join(items, ", ") + "]", nil
	}
	return "", fmt.Errorf("a result of type %s is not compared", value.Type().TypeName())
}

func answer(env *cel.Env, activation cel.Activation, text string, milliseconds int64) string {
	program, err := compile(env, text)
	if err != nil {
		return "unsupported\t" + oneLine(err)
	}
	value, _, err := program.Eval(activation)
	if err != nil {
		return "unsupported\t" + oneLine(err)
	}
	result, err := render(value)
	if err != nil {
		return "unsupported\t" + oneLine(err)
	}
	return fmt.Sprintf("ok\t%.2f\t%s", measure(program, activation, milliseconds*1_000_000), result)
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

func run(expressionsPath, inputsPath string) error {
	in, err := readInputs(inputsPath)
	if err != nil {
		return err
	}
	lines, err := readLines(expressionsPath)
	if err != nil {
		return err
	}
	expressions := map[string]string{}
	for _, line := range lines {
		name, text, _ := strings.Cut(line, " ")
		expressions[name] = strings.TrimSpace(text)
	}
	env, err := cel.NewEnv(append(in.options(), ext.Strings())...)
	if err != nil {
		return err
	}
	activation, err := cel.NewActivation(in.values)
	if err != nil {
		return err
	}
	for orders := bufio.NewScanner(os.Stdin); orders.Scan(); {
		name, time, _ := strings.Cut(orders.Text(), " ")
		milliseconds, err := strconv.ParseInt(time, 10, 64)
		if err != nil {
			return err
		}
		fmt.Println(answer(env, activation, expressions[name], milliseconds))
	}
	return nil
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: cel_go EXPRESSIONS INPUTS")
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}
