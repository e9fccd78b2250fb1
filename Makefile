# Targets for people; `make help` lists them. All that is needed beside git, make, Node.js and npm is fetched by the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Puts a new enough Node.js first in the PATH of the recipe's shell.
use_node = node_bin=$$(./scripts/ensure-node.sh); export PATH="$$node_bin:$$PWD/node_modules/.bin:$$PATH"

# What the tests need from Debian; one that needs what is missing is skipped, which fails continuous integration.
use_debian = ./scripts/install-debian-packages.sh fish libatomic1 openssl zsh || true

# The other versions that README's table names: the newest release of each.
other_versions := 1.33.13 1.30.14

installed := node_modules/.package-lock.json

.PHONY: help
help: ## Lists the targets
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

$(installed): package.json package-lock.json
	@$(use_node); npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: build
build: $(installed) ## Builds dist/irsa.js
	@$(use_node); npm run --silent build

.PHONY: demo
demo: build ## Shows the webhook at work: on kind where a Docker engine answers (CLUSTER=kind forces it), else on an API server of its own
	@$(use_node); \
	if [ "$(CLUSTER)" = kind ] || { [ -z "$(CLUSTER)$${DEMO_KUBECONFIG:-}" ] && docker version > /dev/null 2>&1; }; then \
	  CLUSTER= node test/demo/on-kind.ts; \
	else node test/demo/demo.ts; fi

.PHONY: check
check: $(installed) ## Checks format, lint, imports, types and unused code
	@$(use_node); \
	echo "format"; npm run --silent format:check; \
	echo "lint"; npm run --silent lint; \
	echo "imports"; npm run --silent imports; \
	echo "types"; npm run --silent types; \
	echo "unused code"; npm run --silent unused

.PHONY: test
test: check build ## Checks everything and runs all tests (TESTS='--project unit' for some)
	@$(use_debian); $(use_node); npm test --silent -- $(TESTS)

.PHONY: test-versions
test-versions: build ## Runs the tests on a real API server with the other supported Kubernetes versions (VERSIONS='1.30.14')
	@$(use_node); for version in $(or $(VERSIONS),$(other_versions)); do \
	  echo "Kubernetes $$version"; CI=true KUBERNETES_VERSION=$$version npm test --silent -- --project apiserver; \
	done

.PHONY: test-shuffled
test-shuffled: build ## Runs all tests with files and tests in another order (SEEDS='1 2 3')
	@$(use_debian); $(use_node); for seed in $(or $(SEEDS),1 2 3); do \
	  echo "Order of seed $$seed"; npm test --silent -- --sequence.shuffle.files --sequence.shuffle.tests --sequence.seed=$$seed $(TESTS); \
	done

.PHONY: binaries
binaries: $(installed) ## Builds irsa as one executable file for each platform (PLATFORMS='own', or 'linux-x64 darwin-arm64')
	@$(use_node); PLATFORMS="$(PLATFORMS)" node scripts/binaries.ts

.PHONY: image
image: ## Builds the image with docker or buildah (IMAGE=name:tag; BUILD_IMAGE=, RUNTIME_IMAGE= for other bases)
	@if docker version > /dev/null 2>&1; then builder=docker; elif command -v buildah > /dev/null; then builder=buildah; \
	else echo "make image needs a Docker engine that answers, or buildah; found neither" >&2; exit 1; fi; \
	DOCKER_BUILDKIT=1 $$builder build --tag $(or $(IMAGE),irsa-webhook:dev) \
	  $(if $(BUILD_IMAGE),--build-arg BUILD_IMAGE=$(BUILD_IMAGE)) $(if $(RUNTIME_IMAGE),--build-arg RUNTIME_IMAGE=$(RUNTIME_IMAGE)) \
	  --build-arg VERSION=$$(sed -n 's/^  "version": "\(.*\)",/\1/p' package.json) \
	  --build-arg REVISION=$$(git rev-parse HEAD) --build-arg CREATED=$$(git show --no-patch --format=%cI HEAD) .

.PHONY: e2e
e2e: $(installed) ## Proves image and chart on a real cluster (CLUSTER=current, KEEP=1, TESTS='suite/install')
	@$(use_node); CLUSTER="$(CLUSTER)" KEEP="$(KEEP)" TESTS="$(TESTS)" node test/e2e/run.ts

.PHONY: e2e-long
e2e-long: $(installed) ## The same with what takes long: the kubelet renews a token of ten minutes
	@$(use_node); CLUSTER="$(CLUSTER)" KEEP="$(KEEP)" TESTS="$(TESTS)" LONG=1 node test/e2e/run.ts

.PHONY: golden
golden: $(installed) ## Writes the expected patches and pods of test/golden anew
	@$(use_node); UPDATE_GOLDEN=1 npm test --silent -- --project unit test/golden.test.ts

.PHONY: bench
bench: build ## Measures throughput, CPU, latency and memory (AGAINST=https://host:port,pid=N for another webhook beside it)
	@$(use_node); AGAINST="$(AGAINST)" node bench/bench.ts

.PHONY: faults
faults: build ## Shows what becomes of pods in each fault of docs/reliability.md (FAULTS=1,7 for some, short for the cheap ones)
	@$(use_node); FAULTS="$(FAULTS)" DOCS="$(DOCS)" node test/faults/faults-program.ts

.PHONY: soak
soak: build ## The same faults for longer, and pods for a day (HOURS=24)
	@$(use_node); FORM=long FAULTS="$(FAULTS)" HOURS="$(HOURS)" node test/faults/faults-program.ts

.PHONY: fuzz
fuzz: $(installed) ## Tries made-up reviews, accounts and documents (CASES=1000000, SEED=, MINUTES=)
	@$(use_node); SEED="$(SEED)" CASES="$(CASES)" MINUTES="$(MINUTES)" node test/fuzz/fuzz-program.ts

.PHONY: compat
compat: build ## Compares the pods of 4,000 reviews with those of the AWS webhook, and what four AWS SDKs do with ours (PODS=, SEED=)
	@$(use_node); COMPAT=1 PODS="$(PODS)" SEED="$(SEED)" npm test --silent -- --project compat

.PHONY: bench-scale
bench-scale: build ## Measures it on a real API server with up to 100,000 ServiceAccounts (SIZES='1000 10000')
	@$(use_node); SIZES="$(SIZES)" node bench/scale.ts

.PHONY: bench-startup
bench-startup: build ## Measures how fast it starts
	@$(use_node); node bench/startup.ts

.PHONY: profile
profile: build ## Shows where its CPU time and memory go (BENCH_SECONDS=10)
	@$(use_node); node bench/profile.ts

.PHONY: format
format: $(installed) ## Formats the sources
	@$(use_node); npm run --silent format

.PHONY: docs
docs: $(installed) ## Writes the tables in docs/ that repeat the code anew
	@$(use_node); node scripts/write-docs.ts

.PHONY: clean
clean: ## Removes what the targets made in this folder (what is cached elsewhere stays)
	@rm -rf dist binaries node_modules coverage test-results
