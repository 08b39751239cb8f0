using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Host.Demo.Reference;

namespace BeschutWerk.Host.Demo.History;

/// <summary>
/// A made-up history of persons from 2015 to the first quarter of 2018, told in the division of 15 June 2018, that has
/// every figure of the letter (Kamerstuk 29 817, nr. 145) at once. What happens in each quarter is data
/// (<c>infra/reference/demo-history.csv</c>); who, where and on which day follows from a seed. Pure: the same reference
/// data and seed give the same history on every machine. That every figure and every order of dates holds for
/// <see cref="Seed"/> is proved by the tests in <c>tests/Rules.Tests/Demo/HistoryTests.cs</c>.
/// </summary>
public static class LetterHistory
{
    /// <summary>The seed of the demo: one that gives every figure.</summary>
    public const ulong Seed = 2749;

    private static readonly DateOnly HoursExactOn = new(2017, 12, 31);

    /// <summary>Makes the history: persons in order of receipt.</summary>
    /// <exception cref="InvalidOperationException">The seed leaves too few people for a quarter of the plan.</exception>
    public static IReadOnlyList<PersonHistory> Generate(ReferenceData reference, ulong seed = Seed)
    {
        var random = new SplitMix(seed);
        var towns = Town.All(reference, random.Fork());
        var drafts = Requests.Make(reference, towns, random.Fork());
        Placements.Make(drafts, reference.Plan, HoursExactOn, new Alternatives(random.Fork()), new Dropouts(random.Fork()), random.Fork());
        var lastDay = Quarter.Parse(reference.Plan[^1].Quarter).Last;
        Outcomes.Make(drafts, lastDay, random.Fork());

        // OrderBy is stable, so equal days keep the order in which they were made.
        var inOrder = drafts.OrderBy(d => d.ReceivedOn).ToList();
        var teller = new Teller(reference, Ledger.Play(inOrder), lastDay, random.Fork());
        return inOrder.Zip(Identities.Bsns(), (draft, bsn) => (draft, bsn)).Select((p, i) => teller.Tell(i + 1, p.bsn, p.draft)).ToList();
    }
}
