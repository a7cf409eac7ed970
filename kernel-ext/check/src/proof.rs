//! Proving that exercises work: the stub is not yet done, wrong answers are rejected.
//!
//! It happens in the same kernel once the whole notebook has run, so that the outputs of the notebook
//! are those of an undisturbed run. The function is defined anew with the stub and with each wrong
//! answer, its tests are run, and at last the solution is put back and must pass again: if a test
//! cannot run twice, or the proof has left something behind, this says so.

use crate::exercise::{Exercise, Language};
use crate::run::{Stop, failure, timed_out};
use crate::session::{Ending, Session};
use crate::text::Difference;
use crate::{Notebook, Outputs};
use std::time::Duration;

/// Proves all exercises of a notebook that has run.
pub(crate) async fn prove(
    session: &mut Session,
    notebook: &Notebook,
    exercises: &[Exercise],
    language: Language,
    limit: Duration,
) -> Result<(), Stop> {
    for exercise in exercises {
        let mut proof = Proof { session, notebook, exercise, language, limit };
        proof.stub_is_not_yet_done().await?;
        proof.wrong_answers_are_rejected().await?;
        proof.solution_passes_again().await?;
    }
    Ok(())
}

struct Proof<'a> {
    session: &'a mut Session,
    notebook: &'a Notebook,
    exercise: &'a Exercise,
    language: Language,
    limit: Duration,
}

impl Proof<'_> {
    async fn stub_is_not_yet_done(&mut self) -> Result<(), Stop> {
        self.define("the student's stub", &self.exercise.stub(self.language)).await?;
        let (cell, test) = &self.exercise.tests[0];
        let ending = self.run(*cell, test).await?;
        if matches!(&ending, Ending::Raised { name, .. } if name == self.language.not_yet_done) {
            return Ok(());
        }
        let expected = format!("the test fails with {}", self.language.not_yet_done);
        Err(self.failure(*cell, "exercise: the stub is not recognised", expected, &ending))
    }

    async fn wrong_answers_are_rejected(&mut self) -> Result<(), Stop> {
        for answer in &self.exercise.wrong_answers {
            let name = format!("the wrong answer \"{}\"", answer.name);
            self.define(&name, &answer.source).await?;
            let mut last = Ending::Good;
            let mut rejected = false;
            for (cell, test) in &self.exercise.tests {
                let ending = self.run(*cell, test).await?;
                rejected |= matches!(&ending, Ending::Raised { name, message }
                    if name == self.language.rejected && message.contains(&answer.message));
                if ending != Ending::Good {
                    last = ending;
                }
            }
            if !rejected {
                let wanted = format!("a test says {}: ...{}...", self.language.rejected, answer.message);
                return Err(self.failure(
                    self.exercise.cell,
                    &format!("exercise: {name} is not rejected"),
                    wanted,
                    &last,
                ));
            }
        }
        Ok(())
    }

    async fn solution_passes_again(&mut self) -> Result<(), Stop> {
        self.define("the solution", &self.exercise.solution).await?;
        for (cell, test) in &self.exercise.tests {
            let ending = self.run(*cell, test).await?;
            if ending != Ending::Good {
                let expected = "the solution passes again, after stub and wrong answers".to_owned();
                return Err(self.failure(*cell, "exercise: the test does not run twice", expected, &ending));
            }
        }
        Ok(())
    }

    async fn define(&mut self, what: &str, source: &str) -> Result<(), Stop> {
        let cell = self.exercise.cell;
        match self.run(cell, source).await? {
            Ending::Good => Ok(()),
            ending => Err(self.failure(
                cell,
                &format!("exercise: {what} does not compile"),
                "the cell runs".to_owned(),
                &ending,
            )),
        }
    }

    /// Runs a source; its outputs are not kept.
    async fn run(&mut self, cell: usize, source: &str) -> Result<Ending, Stop> {
        let execution = self.session.execute(cell, source, &mut Outputs::default(), self.limit).await?;
        match execution.ending {
            Ending::TimedOut { killed } => {
                Err(Stop::from(failure(self.notebook, cell, "exercise: time-out", timed_out(self.limit, killed))))
            }
            ending => Ok(ending),
        }
    }

    fn failure(&self, cell: usize, kind: &str, expected: String, ending: &Ending) -> Stop {
        let found = match ending {
            Ending::Raised { name, message } => format!("{name}: {message}"),
            Ending::Died { how } => how.clone(),
            Ending::Good | Ending::TimedOut { .. } => "no test fails".to_owned(),
        };
        Stop::from(failure(self.notebook, cell, kind, Difference::new(expected, found)))
    }
}
