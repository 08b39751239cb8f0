using BeschutWerk.Host.Demo.History;

namespace BeschutWerk.Rules.Tests.Demo;

/// <summary>Every offer of the history is one that a ledger in places of 31 hours allows when it is made (Participatiewet 10b lid 6).</summary>
public sealed class HistoryLedgerTests(LetterHistoryOfTheSeed history) : IClassFixture<LetterHistoryOfTheSeed>
{
    private IEnumerable<IGrouping<string, PersonHistory>> Municipalities =>
        history.Persons.Where(p => p.Offer is not null).OrderBy(p => p.Offer!.Order).GroupBy(p => p.Municipality);

    // The day from which a place is free again: after the last day worked, or by an answer or dropout.
    private static DateOnly? FreedOn(PersonHistory p, bool sameDay) =>
        p.Placement is { } work ? work.LastDay?.AddDays(1)
        : (p.Dropout?.DroppedOutOn ?? p.Offer!.AnsweredOn)?.AddDays(sameDay ? 0 : 1);

    private static int Held(IEnumerable<PersonHistory> offers, DateOnly day, bool sameDay) => offers
        .Where(p => FreedOn(p, sameDay) is not { } freed || freed > day)
        .Sum(p => p.Offer!.MinutesPerWeek);

    private int? Number(string municipality, int year) =>
        year < 2017 ? null : history.Numbers[year].GetValueOrDefault(municipality);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_budget_decision_is_there_exactly_when_the_offer_is_above_the_number(bool freedOnTheDayItself)
    {
        var above = 0;
        Assert.All(Municipalities, municipality =>
        {
            var made = new List<PersonHistory>();
            foreach (var person in municipality)
            {
                var offer = person.Offer!;
                var number = Number(municipality.Key, offer.PlannedStart.Year);
                var reached = Held(made, offer.OfferedOn, freedOnTheDayItself) >= number * LetterHistoryOfTheSeed.MinutesPerPlace;
                Assert.Equal(reached, offer.BudgetDecision is not null);
                if (reached) above++;
                made.Add(person);
            }
        });
        Assert.True(above > 0);
    }

    [Fact]
    public void Offers_of_a_municipality_are_numbered_by_date_without_holes()
    {
        Assert.All(Municipalities, municipality =>
        {
            Assert.Equal(Enumerable.Range(1, municipality.Count()), municipality.Select(p => p.Offer!.Order));
            Assert.Equal(municipality.Select(p => p.Offer!.OfferedOn).Order(), municipality.Select(p => p.Offer!.OfferedOn));
        });
    }

    [Fact]
    public void Something_else_is_offered_where_the_number_is_reached_and_the_council_has_no_budget()
    {
        var alternatives = history.Persons.Where(p => p.Alternative is not null).ToList();
        var zero = Assert.Single(alternatives, p => Number(p.Municipality, 2017) == 0);
        Assert.Equal("GM0093", zero.Municipality);
        Assert.Equal(25, alternatives.Count - 1);
        Assert.Equal(19, alternatives.Select(p => p.Municipality).Distinct().Count() - 1);

        var withBudget = history.Persons.Where(p => p.Offer?.BudgetDecision is not null).Select(p => p.Municipality).ToHashSet();
        Assert.All(alternatives, p =>
        {
            var day = p.Alternative!.OfferedOn;
            Assert.True(day >= p.Determination!.NotifiedOn && day.Year == 2017);
            Assert.DoesNotContain(p.Municipality, withBudget);
            var offeredBefore = Municipalities.SingleOrDefault(m => m.Key == p.Municipality)?.Where(o => o.Offer!.OfferedOn < day) ?? [];
            Assert.True(Held(offeredBefore, day, sameDay: true) >= Number(p.Municipality, 2017) * LetterHistoryOfTheSeed.MinutesPerPlace);
        });
    }
}
