using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>The path to an advice in questions and answers, as the law asks them; no motivations.</summary>
internal static class AdvicePath
{
    private const string Besluit = "Besluit advisering beschut werk art. 3 ";

    /// <summary>The questions that were or will be asked, in order; without an assessment its questions have no answer.</summary>
    public static IEnumerable<DecisionStep> Of(AdvicePolicy policy, RequestFacts facts, Assessment? assessment)
    {
        foreach (var step in BeforeInvestigation(policy, facts))
        {
            yield return step;
        }
        if (policy.Prejudge(facts).Outcome != Outcome.Advice)
        {
            foreach (var step in Investigation(policy, assessment))
            {
                yield return step;
            }
        }
    }

    private static IEnumerable<DecisionStep> BeforeInvestigation(AdvicePolicy policy, RequestFacts facts)
    {
        yield return Step(
            "Zei een oud Wsw-advies van UWV dat begeleid werken kan?",
            "Did an old Wsw advice of UWV say that supported work is possible?",
            facts.OldWswAdvice == OldWswAdvice.Able, "lid 3a");
        yield return Step(
            "Zei een oud Wsw-advies van UWV dat begeleid werken niet kan?",
            "Did an old Wsw advice of UWV say that supported work is not possible?",
            facts.OldWswAdvice == OldWswAdvice.NotAble, "lid 4");
        if (facts.OldWswAdvice is OldWswAdvice.Able or OldWswAdvice.NotAble)
        {
            yield return Step(
                "Zijn er nieuwe feiten of veranderde omstandigheden sinds de Wsw-indicatie?",
                "Are there new facts or changed circumstances since the Wsw indication?",
                facts.NewFactsSinceWswIndication, "lid 5");
        }
        yield return Step(
            "Vraagt de persoon zelf, binnen twaalf maanden na een eerder advies?",
            "Does the person himself ask, within twelve months after an earlier advice?",
            policy.IsOwnRepeat(facts), "lid 3b");
        if (policy.IsOwnRepeat(facts))
        {
            yield return Step(
                "Zijn er nieuwe feiten of veranderde omstandigheden sinds het eerdere advies?",
                "Are there new facts or changed circumstances since the earlier advice?",
                policy.HasNewFactsSinceEarlierAdvice(facts), "lid 6");
        }
        if (policy.Prejudge(facts).Outcome == Outcome.LegalConflict)
        {
            yield return Step(
                "Spreken deze regels elkaar tegen, zodat UWV toch onderzoekt?",
                "Do these rules contradict each other, so that UWV investigates after all?",
                true, "lid 3b en 4");
        }
    }

    private static IEnumerable<DecisionStep> Investigation(AdvicePolicy policy, Assessment? assessment)
    {
        var capacity = assessment?.WorkCapacity;
        yield return Step(
            "Kan de persoon een taak uitvoeren in een arbeidsorganisatie?",
            "Can the person perform a task in a work organisation?",
            capacity?.CanPerformTask.Answer, "lid 1");
        yield return Step(
            "Heeft de persoon basale werknemersvaardigheden?",
            "Does the person have basic employee skills?",
            capacity?.HasBasicSkills.Answer, "lid 1");
        yield return Step(
            "Kan de persoon ten minste een uur achter elkaar werken?",
            "Can the person work at least one hour without interruption?",
            capacity?.CanWorkOneHour.Answer, "lid 1");
        yield return Step(
            "Is de persoon ten minste vier uur per dag belastbaar?",
            "Is the person loadable at least four hours a day?",
            capacity?.LoadableFourHours.Answer, "lid 1");
        yield return Step(
            "Heeft de persoon arbeidsvermogen?",
            "Does the person have capacity for work?",
            capacity is null ? null : policy.HasWorkCapacity(capacity), "lid 1");
        yield return Step(
            "Zijn aanpassingen nodig die een werkgever niet binnen redelijke grenzen kan realiseren?",
            "Are adaptations needed that an employer cannot realise within reasonable limits?",
            assessment?.Adaptation.Answer, "lid 1a");
        yield return Step(
            "Is permanent toezicht of intensieve begeleiding nodig die een werkgever niet binnen redelijke grenzen kan aanbieden?",
            "Is permanent supervision or intensive guidance needed that an employer cannot offer within reasonable limits?",
            assessment?.Guidance.Answer, "lid 1b");
        yield return Step(
            "Is de persoon met arbeidsvermogen uitsluitend op beschut werk aangewezen?",
            "Is the person with capacity for work exclusively dependent on sheltered work?",
            assessment is null ? null : AdvicePolicy.VerdictOf(policy.Derive(assessment)) == Verdict.Positive, "lid 2");
    }

    private static DecisionStep Step(string dutch, string english, bool? answer, string paragraph)
    {
        var step = new DecisionStep { QuestionNl = dutch, QuestionEn = english, Article = Besluit + paragraph };
        if (answer is { } known)
        {
            step.Answer = known;
        }
        return step;
    }
}
