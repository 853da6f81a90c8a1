//! `sdnlock merge`

use std::path::Path;

use anyhow::Result;
use sdnlock::check::Schema;
use sdnlock::disk::{self, Durability, ReplacePolicy, Replacement, Snapshot};
use sdnlock::loss::{self, Loss};
use sdnlock::merge::{self, ConflictStyle, Markers, MergeError, Merged, Options, Side, Sides};
use sdnlock::project;
use sdnlock::sdn::{Seal, is_sdn};

use crate::cli::args::{MergeArgs, StyleName};
use crate::cli::change::{Change, SchemaOf};
use crate::cli::conflicts;
use crate::cli::failure::Failure;
use crate::cli::git;
use crate::cli::losses::{self, Allowed, LargeLoss};
use crate::cli::parallel::Parsing;
use crate::cli::report::Report;
use crate::cli::session::{Session, schema_of};
use crate::cli::status;
use crate::cli::streams;
use crate::cli::text;

pub fn run(args: &MergeArgs, report: Report) -> Result<u8> {
    let paths = Sides { base: &args.base, ours: &args.ours, theirs: &args.theirs };
    if paths.values().filter(|path| streams::is_stdin(path)).count() > 1 {
        return Err(Failure::new(status::USAGE, "only one of the three can be standard input").into());
    }
    if args.labels.len() > 3 {
        return Err(Failure::new(status::USAGE, "there are three labels at most: of OURS, BASE and THEIRS").into());
    }
    let [base, ours, theirs] = [read(paths.base)?, read(paths.ours)?, read(paths.theirs)?];
    let allowed = Allowed::by(&args.loss, LargeLoss::Refused)?;
    let job = Job { args, options: options(args), allowed, base, theirs };
    match &args.output {
        _ if args.git => job.for_git(&ours, report),
        Some(output) => job.write_to(output, &ours, report),
        None => job.printed(&ours, report),
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    Ok(streams::read_all(path)?)
}

fn options(args: &MergeArgs) -> Options {
    let style = match args.conflict_style {
        Some(StyleName::Diff3) => ConflictStyle::Diff3,
        None if args.jj => ConflictStyle::Diff3,
        Some(StyleName::Zdiff3) => ConflictStyle::Zdiff3,
        None if args.git => git::conflict_style(),
        Some(StyleName::Merge) | None => ConflictStyle::Merge,
    };
    // A git that does not know a placeholder leaves it as it is.
    let given = |position: usize| args.labels.get(position).filter(|label| !label.starts_with('%')).cloned();
    let named = |position: usize, path: &Path, side: Side| {
        let name = if args.git || args.jj { side.name().to_owned() } else { streams::name(path) };
        given(position).unwrap_or(name)
    };
    let labels = Sides {
        base: named(1, &args.base, Side::Base),
        ours: named(0, &args.ours, Side::Ours),
        theirs: named(2, &args.theirs, Side::Theirs),
    };
    let size = args.marker_size.or(args.git_marker_size).unwrap_or(git::DEFAULT_MARKER_SIZE);
    Options {
        strategy: args.merging.strategy(),
        renumber: args.merging.renumber,
        markers: Markers { size, style, labels },
        reseal: args.change.reseal(),
        ..Options::default()
    }
}

/// A merge that is to be made with some content of ours.
struct Job<'a> {
    args: &'a MergeArgs,
    /// How it is merged: keys and references are those of the schema.
    options: Options,
    allowed: Allowed,
    base: Vec<u8>,
    theirs: Vec<u8>,
}

impl Job<'_> {
    fn is_sdn(&self) -> bool {
        let args = self.args;
        let named = [Some(&args.ours), Some(&args.base), args.output.as_ref(), args.path.as_ref()];
        args.sdn
            || match &args.git_path {
                Some(path) => is_sdn(path),
                None => named.into_iter().flatten().any(|path| is_sdn(path)),
            }
    }

    /// The path of the database in its repository, where that is given.
    fn path_in_repository(&self) -> Option<&Path> {
        self.args.git_path.as_deref().or(self.args.path.as_deref())
    }

    /// The schema of the database of which these are versions.
    fn schema(&self) -> Result<Schema, Failure> {
        match self.path_in_repository() {
            _ if !self.is_sdn() => Ok(Schema::default()),
            Some(path) => schema_of(&project::in_repository(path)),
            None => schema_of(&self.args.ours),
        }
    }

    fn merge(&self, ours: &[u8], schema: &Schema) -> Result<Merged, MergeError> {
        if !self.is_sdn() {
            return Ok(self.by_lines(ours));
        }
        let sides = self.sides(ours);
        let documents = std::thread::scope(|scope| sides.map(|source| Parsing::begin(scope, source)).map(Parsing::end));
        let options = self.options.clone().by_schema(schema);
        merge::merge(documents.each_ref(), &options)
    }

    fn sides<'s>(&'s self, ours: &'s [u8]) -> Sides<&'s [u8]> {
        Sides { base: &self.base, ours, theirs: &self.theirs }
    }

    fn by_lines(&self, ours: &[u8]) -> Merged {
        merge::merge_lines(self.sides(ours), self.options.strategy, &self.options.markers)
    }

    /// The merge, or why there is none.
    fn merged(&self, ours: &[u8], schema: &Schema) -> Result<Merged, Failure> {
        let merged = self.merge(ours, schema);
        if self.args.jj {
            let merged = merged.map_err(|error| self.not_for_jj(error))?;
            self.check_for_jj(ours, &merged)?;
            self.permitted(ours, &merged, schema)
                .map_err(|failure| failure.state("the conflict stays as jj has it"))?;
            return Ok(merged);
        }
        merged.map_err(|MergeError::Seal { side, problem }| {
            let path = if side == Side::Ours { &self.args.ours } else { &self.args.theirs };
            Failure::seal(path, problem)
        })
    }

    /// What the merge takes away from ours, where that may be.
    fn permitted(&self, ours: &[u8], merged: &Merged, schema: &Schema) -> Result<Vec<Loss>, Failure> {
        // A conflict is put before a person.
        if !self.is_sdn() || !merged.is_clean() {
            return Ok(Vec::new());
        }
        let limits = self.allowed.limits(&schema.limits);
        loss::permit(ours, &merged.content, &schema.keys(), &limits).map_err(|refused| {
            let shown = text::path(self.path_in_repository().unwrap_or(&self.args.ours));
            losses::refused(format!("not merging {shown}: {}", losses::WHY), &refused)
        })
    }

    fn not_for_jj(&self, why: impl std::fmt::Display) -> Failure {
        let shown = text::path(self.path_in_repository().unwrap_or(&self.args.ours));
        Failure::new(status::INVALID, format!("not merging {shown}: {why}")).state("the conflict stays as jj has it")
    }

    /// Refuses what jj would make something else of: a file that a side has not is an empty one for it, and a conflict
    /// is one of lines.
    fn check_for_jj(&self, ours: &[u8], merged: &Merged) -> Result<(), Failure> {
        if !self.base.is_empty() && (ours.is_empty() || self.theirs.is_empty()) {
            return Err(self.not_for_jj("one side removed it, or emptied it"));
        }
        let Some(first) = merged.conflicts.first() else { return Ok(()) };
        if Seal::of(&merged.content) != Seal::None {
            return Err(self.not_for_jj(format!("it is sealed, and a conflict would be left: {first}")));
        }
        match merge::resolved_by_lines(&merged.content, self.options.markers.size) {
            None => Ok(()),
            Some(line) => {
                let conflict = merged.conflicts.iter().find(|conflict| conflict.line == line).unwrap_or(first);
                Err(self.not_for_jj(format!("jj would take for resolved what is a conflict: {conflict}")))
            }
        }
    }

    fn printed(&self, ours: &[u8], report: Report) -> Result<u8> {
        let schema = self.schema()?;
        let merged = self.merged(ours, &schema)?;
        self.permitted(ours, &merged, &schema)?;
        if self.args.json {
            streams::json(&conflicts::json(&merged, Some(&merged.content)))?;
        } else {
            streams::data(&merged.content)?;
            conflicts::print(&merged, "standard output", true, report);
        }
        Ok(status_of(&merged))
    }

    fn write_to(&self, output: &Path, ours: &[u8], report: Report) -> Result<u8> {
        let change = Change::new(output, &self.args.change, report).by_schema_of(match self.path_in_repository() {
            _ if !self.is_sdn() => SchemaOf::None,
            Some(path) => SchemaOf::Database(project::in_repository(path)),
            None => SchemaOf::File,
        });
        change.precheck_options()?;
        let session = Session::begin(&self.args.lock, report)?;
        let over_ours = disk::read(output).is_ok()
            && output.canonicalize().is_ok_and(|path| self.args.ours.canonicalize().is_ok_and(|ours| ours == path));
        let mut last = None;
        change.run(&session, |now, schema| {
            // Ours may have changed since it was read.
            let ours = now.filter(|_| over_ours).map_or(ours, Snapshot::bytes);
            let merged = self.merged(ours, schema)?;
            if let Err(failure) = self.permitted(ours, &merged, schema) {
                return Err(self.kept(failure, &merged, output, now).into());
            }
            let content = merged.content.clone();
            last = Some(merged);
            Ok(content)
        })?;
        let Some(merged) = last else { return Ok(status::DONE) };
        if self.args.json {
            let state = || format!("the result is in {}", text::path(output));
            let printed = streams::json(&conflicts::json(&merged, None));
            streams::after_change(printed, "the outcome", state)?;
        } else {
            let name = self.path_in_repository().unwrap_or(output);
            // Jj marks conflicts in other lines.
            conflicts::print(&merged, &name.to_string_lossy(), !self.args.jj, report);
        }
        Ok(status_of(&merged))
    }

    /// Keeps a result that may not take the place of what is there.
    fn kept(&self, failure: Failure, merged: &Merged, output: &Path, now: Option<&Snapshot>) -> Failure {
        let failure = failure.unchanged(output);
        let Some(like) = now.filter(|_| !self.args.jj && !self.args.change.dry_run) else { return failure };
        losses::kept_rejected(failure, output, &merged.content, like)
    }

    /// What git asks a merge driver for.
    fn for_git(&self, ours: &[u8], report: Report) -> Result<u8> {
        let path = self.path_in_repository().unwrap_or(&self.args.ours);
        let name = path.to_string_lossy();
        let schema = self.schema();
        let merge = match &schema {
            Ok(schema) => self.merge(ours, schema).map_err(|error| error.to_string()),
            Err(failure) => Err(failure.title.clone()),
        };
        let is_of_bases = self.is_of_bases(path);
        if let (Ok(merged), Ok(schema)) = (&merge, &schema)
            && !is_of_bases
            && let Err(failure) = self.permitted(ours, merged, schema)
        {
            // Ours stays, in conflict: whoever resolves it decides.
            report.failure(&failure.unchanged(path));
            return Ok(status::NO);
        }
        let (merged, status) = match &merge {
            Ok(merged) => (merged, status_of(merged)),
            // Git cannot go on without a result; whoever resolves the conflict looks at the seal or schema.
            Err(_) => (&self.by_lines(ours), status::NO),
        };
        self.replace_ours(&merged.content)?;
        if !is_of_bases {
            if let Err(error) = &merge {
                report.line(format!("conflict: {name}: {error}"));
            }
            conflicts::print(merged, &name, true, report);
        }
        Ok(status)
    }

    /// Whether git merges several bases into one, so that nobody has to see to a conflict. It asks for markers that are
    /// longer by two or more then; by one, if both sides renamed the file.
    fn is_of_bases(&self, path: &Path) -> bool {
        let size = self.options.markers.size;
        size > git::DEFAULT_MARKER_SIZE && git::marker_size(path).is_some_and(|own| size > own + 1)
    }

    /// Writes over the file that git made for this. Nobody else knows it.
    fn replace_ours(&self, content: &[u8]) -> Result<()> {
        let path = &self.args.ours;
        let now = disk::read(path).map_err(|error| Failure::reading(path, &error))?;
        if now.as_ref().is_some_and(|now| now.bytes() == content) {
            return Ok(());
        }
        let policy = ReplacePolicy { durability: Durability::Never, ..ReplacePolicy::default() };
        let replacement = Replacement { path, base: now.as_ref(), content, like: now.as_ref(), policy };
        replacement.make(&mut |_| Ok(true)).map_err(|error| Failure::replacing(path, &error))?;
        Ok(())
    }
}

fn status_of(merged: &Merged) -> u8 {
    if merged.is_clean() { status::DONE } else { status::NO }
}
