# dateline. `make` lists what there is; `make demo` and `make test` are the two to know.

GO     ?= go
NPM    ?= npm
BIN    := dateline
UI     := pkg/web/ui
BUNDLE := pkg/web/dist/app.js

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := -s -w $(if $(VERSION),-X github.com/dateline/dateline/pkg/app.release=$(VERSION))

# Flags of `dateline demo`, as in: make demo DEMO="--rate 20 --seed 7"
DEMO ?=
# Flags of `dateline bench`, as in: make bench BENCH=--json
BENCH ?=
# The long drills of `make chaos` and `make chaos-kafka`: articles in feeds, and
# as many more as WIRE that a command publishes. SEED repeats a plan.
ARTICLES ?= 8000
WIRE     ?= 40000
KILLS    ?= 40
STOPS    ?= 10
SEED     ?=
# How often `make press` polls each bad server.
POLLS    ?= 20

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: build ## run everything on a simulated newsroom, in the foreground; Ctrl-C ends it
	@./$(BIN) engine fetch >/dev/null
	@exec ./$(BIN) demo $(DEMO)

.PHONY: test
test: ui setup engine lint ## run every test under the race detector; sets up what it needs
	@.ci/test

.PHONY: test-short
test-short: ## run the quick tests alone, without the race detector and without setting up anything
	$(GO) test -short -timeout 5m ./...

.PHONY: chaos
chaos: engine ## the long kill-and-stop drill: ARTICLES=8000 WIRE=40000 KILLS=40 STOPS=10
	$(CHAOS) -run '^TestChaos$$' ./pkg/app/drill

.PHONY: chaos-kafka
chaos-kafka: engine ## the same on Apache Kafka, which is killed as well
	@.ci/kafka >/dev/null
	$(CHAOS) -run '^TestChaosKafka$$' ./pkg/app/drill

CHAOS = DATELINE_CHAOS_ARTICLES=$(ARTICLES) DATELINE_CHAOS_WIRE=$(WIRE) DATELINE_CHAOS_KILLS=$(KILLS) DATELINE_CHAOS_STOPS=$(STOPS) \
	DATELINE_CHAOS_SEED=$(SEED) $(GO) test -count 1 -timeout 5h -v

.PHONY: model
model: engine ## landing checked by its model, at length: CHECKS=20000 SEEDS=60; and the fold of a million rows
	DATELINE_MODEL_SEEDS=$(or $(SEEDS),60) DATELINE_LONG=1 $(GO) test -count 1 -timeout 60m -run '^TestModel|Away$$|^TestSlowDatabase$$' ./consumers/land -rapid.checks=$(or $(CHECKS),20000)
	$(GO) test -count 1 -timeout 30m -run XXX -bench Fold -benchtime 2x ./consumers/land

.PHONY: drills
drills: engine ## the drills by name: a topic recreated, offsets expired, a rolling upgrade, ...
	$(GO) test -count 1 -timeout 30m -v -run '^TestDrill' ./pkg/app/drill

.PHONY: press
press: engine ## the long drill on sixty kinds of bad servers: POLLS=20
	DATELINE_CHAOS_POLLS=$(POLLS) $(GO) test -count 1 -timeout 30m -v -run '^TestBadPress' ./pkg/app/drill

.PHONY: bench-poll
bench-poll: build ## measure polling with 100,000 feeds
	@./$(BIN) engine fetch >/dev/null
	@exec ./$(BIN) bench poll

.PHONY: bench
bench: build ## measure, as a table: articles a second, CPU a stage, latency, memory
	@./$(BIN) engine fetch >/dev/null
	@exec ./$(BIN) bench $(BENCH)

.PHONY: build
build: ui ## build ./dateline, with the charts where npm is there
	$(GO) build -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/dateline

.PHONY: engine
engine: ## fetch the embedded database's library once, through npm
	@$(GO) run ./cmd/dateline engine fetch >/dev/null

# The dashboard's script is bundled from npm packages into a folder that git
# ignores. A build without it works, and its pages say that charts are missing.
.PHONY: ui
ifeq ($(shell command -v $(NPM) 2>/dev/null),)
ui:
	@echo "npm is not installed: going on without it; the pages will have no charts (install Node.js with npm, then: make ui)" >&2
else
ui: $(BUNDLE) ## bundle the dashboard's script
endif

$(BUNDLE): $(UI)/node_modules/.package-lock.json $(wildcard $(UI)/src/*) $(UI)/package.json
	cd $(UI) && $(NPM) run --silent build
	@touch $@

$(UI)/node_modules/.package-lock.json: $(UI)/package-lock.json
	cd $(UI) && $(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: setup
setup:
	@.ci/setup

.PHONY: lint
lint: ## gofmt and go vet
	@.ci/lint

.PHONY: fmt
fmt: ## format the code
	gofmt -w cmd consumers pkg producers

.PHONY: cover
cover: engine ## tests with coverage, by package, and coverage.html
	$(GO) test -timeout 10m -coverpkg=./... -coverprofile=cover.prof ./...
	$(GO) tool cover -func=cover.prof | tail -1
	$(GO) tool cover -html=cover.prof -o cover.html

.PHONY: docker
docker: ## build the container image
	docker build --build-arg VERSION=$(VERSION) -t dateline:$(or $(VERSION),dev) .

.PHONY: clean
clean: ## remove what was built; the data directory and the fetched library stay
	rm -rf $(BIN) cover.prof cover.html $(UI)/node_modules $(filter-out %/.gitignore,$(wildcard pkg/web/dist/*))
