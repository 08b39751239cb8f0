using System.Text.Json;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Host.Demo.History;

namespace BeschutWerk.Rules.Tests.Demo;

/// <summary>The demo's made-up persons have every figure of the letter at once, and every step is one that the platform allows.</summary>
public sealed class HistoryTests(LetterHistoryOfTheSeed history) : IClassFixture<LetterHistoryOfTheSeed>
{
    private static readonly DateOnly EndOf2017 = new(2017, 12, 31);

    [Fact]
    public void Every_published_figure_is_the_count_of_persons_rounded_to_its_step()
    {
        Assert.NotEmpty(history.Reference.Figures);
        Assert.All(history.Reference.Figures, figure => Assert.Equal(
            figure.Value,
            Math.Round(history.Count(figure) / figure.RoundingStep, MidpointRounding.AwayFromZero) * figure.RoundingStep));
    }

    [Fact]
    public void The_unrounded_figures_are_those_of_the_recipe()
    {
        Assert.Equal(4_768, history.Persons.Count);
        Assert.Equal(2_644, history.Decided(Verdict.Positive).Count());
        Assert.Equal(1_764, history.Decided(Verdict.Negative).Count());
        Assert.Equal(1_581, history.Persons.Count(p => p.Placement is not null));
        Assert.Equal(241, history.Persons.Count(p => p.Dropout is not null));
        Assert.Equal(1_357, history.AtWork(LetterHistoryOfTheSeed.LastDay).Count(p => p.Advice!.IssuedOn <= EndOf2017));
        Assert.Equal(1_700, history.Persons.Count(p => p.ReceivedOn.Year == 2017 && p.Requester == Requester.Citizen));
        Assert.Equal(1_400, history.Persons.Count(p => p.ReceivedOn.Year == 2017 && p.Requester == Requester.Municipality));
        Assert.InRange(history.DaysToStart(EndOf2017).Average(), 76.1, 106.5);
    }

    [Fact]
    public void Hours_at_the_end_of_2017_are_exactly_25_on_average_in_the_mix_of_the_recipe()
    {
        var minutes = history.AtWork(EndOf2017).Select(p => p.Offer!.MinutesPerWeek).ToList();

        Assert.Equal(29_600 * 60, minutes.Sum());
        Assert.Equal(
            [(16, 148), (20, 222), (24, 296), (28, 296), (32, 148), (36, 74)],
            minutes.GroupBy(m => m / 60).OrderBy(g => g.Key).Select(g => (g.Key, g.Count())));
    }

    [Fact]
    public void The_share_of_positive_municipal_advices_rises_every_year()
    {
        var shares = new[] { 2015, 2016, 2017, 2018 }.Select(year =>
        {
            var decided = history.Persons.Where(p => p.Requester == Requester.Municipality && p.Advice?.IssuedOn.Year == year).ToList();
            return Math.Round(100m * decided.Count(p => p.Advice!.Verdict == Verdict.Positive) / decided.Count, 1);
        });

        Assert.Equal([58.0m, 66.0m, 72.0m, 76.1m], shares);
    }

    [Fact]
    public void Five_people_work_their_last_day_on_31_December_2017() =>
        Assert.Equal(5, history.Persons.Count(p => p.Placement?.LastDay == EndOf2017));

    [Fact]
    public void UWV_advises_on_a_weekday_within_two_to_eight_weeks_and_nobody_waits_longer()
    {
        Assert.All(history.Persons, p =>
        {
            if (p.Advice is not { } advice)
            {
                Assert.InRange(LetterHistoryOfTheSeed.LastDay.DayNumber - p.ReceivedOn.DayNumber, 0, 56);
                return;
            }
            Assert.InRange(advice.IssuedOn.DayNumber - p.ReceivedOn.DayNumber, 14, 56);
            Assert.False(advice.IssuedOn.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday);
            Assert.InRange(advice.AssessedOn, p.ReceivedOn.AddDays(1), advice.IssuedOn);
        });
    }

    [Fact]
    public void An_advice_is_positive_exactly_with_a_ground_for_it()
    {
        Assert.All(history.Persons.Where(p => p.Advice is not null), p =>
        {
            var (verdict, ground) = (p.Advice!.Verdict, p.Advice.Ground);
            Assert.Equal(verdict == Verdict.Positive, ground is Ground.Adaptation or Ground.Guidance or Ground.Both);
            Assert.Equal(verdict == Verdict.Negative, ground is Ground.NoWorkCapacity or Ground.RegularEmployerPossible);
            Assert.Equal(verdict == Verdict.Positive, p.Advice.SupportNeeds.Count > 0);
        });
    }

    [Fact]
    public void Citizens_ask_and_benefits_of_UWV_count_only_from_2017()
    {
        Assert.Equal(new DateOnly(2017, 1, 2), history.Persons.Where(p => p.Requester == Requester.Citizen).Min(p => p.ReceivedOn));
        Assert.All(history.Persons.Where(p => p.ReceivedOn.Year < 2017), p =>
            Assert.Contains(p.Benefit, new[] { Benefit.Participatiewet, Benefit.None, Benefit.Anw }));
        Assert.All(history.Persons, p => Assert.Equal(p.Requester == Requester.Citizen, p.PriorContact != PriorContact.Unspecified));
    }

    [Fact]
    public void The_college_decides_as_advised_within_four_weeks_or_not_yet()
    {
        Assert.All(history.Persons, p =>
        {
            if (p.Determination is not { } decision)
            {
                Assert.True(p.Advice is null || p.Advice.IssuedOn.AddDays(28) > LetterHistoryOfTheSeed.LastDay);
                Assert.True(p is { Offer: null, Placement: null, Alternative: null, Dropout: null });
                return;
            }
            Assert.Equal(p.Advice!.Verdict == Verdict.Positive ? Determination.Positive : Determination.Negative, decision.Determination);
            Assert.InRange(decision.DeterminedOn.DayNumber - p.Advice.IssuedOn.DayNumber, 5, 30);
            Assert.InRange(decision.NotifiedOn.DayNumber - decision.DeterminedOn.DayNumber, 0, 3);
            if (decision.Determination == Determination.Negative)
            {
                Assert.True(decision.DeterminedOn <= p.Advice.IssuedOn.AddDays(28));
                Assert.True(p is { Offer: null, Placement: null, Alternative: null, Dropout: null });
            }
        });
    }

    [Fact]
    public void Whoever_works_accepted_the_offer_before_starting_and_at_least_three_weeks_after_the_advice()
    {
        Assert.All(history.Persons.Where(p => p.Placement is not null), p =>
        {
            var (offer, work) = (p.Offer!, p.Placement!);
            Assert.True(offer.Accepted);
            Assert.Equal(offer.PlannedStart, work.StartOn);
            Assert.InRange(offer.OfferedOn, p.Determination!.NotifiedOn, work.StartOn.AddDays(-10));
            Assert.InRange(offer.AnsweredOn!.Value, offer.OfferedOn.AddDays(2), work.StartOn.AddDays(-1));
            Assert.True(work.StartOn >= p.Advice!.IssuedOn.AddDays(21));
            Assert.True(work.LastDay is null || work.LastDay >= work.StartOn.AddDays(20));
            Assert.Equal(work.LastDay is null, work.EndReason == EndReason.Unspecified);
            Assert.Equal(work.EndReason == EndReason.Dropout, work.EndCause != EndCause.Unspecified);
        });
    }

    [Fact]
    public void Nobody_is_both_placed_and_lost_and_what_is_offered_without_work_was_declined_or_lapsed()
    {
        Assert.All(history.Persons, p =>
            Assert.True(new object?[] { p.Placement, p.Dropout, p.Alternative }.Count(step => step is not null) <= 1));
        Assert.All(history.Persons.Where(p => p is { Offer: not null, Placement: null }), p =>
            Assert.True(p.Dropout is not null || p.Offer is { Accepted: false, AnsweredOn: not null }));
        Assert.Contains(history.Persons, p => p is { Offer.AnsweredOn: null, Dropout: not null });
        Assert.Contains(history.Persons, p => p is { Offer.Accepted: true, Dropout: not null });
        Assert.Contains(history.Persons, p => p is { Offer: { Accepted: false, AnsweredOn: not null }, Dropout: null });
        Assert.All(history.Persons.Where(p => p.Dropout is not null), p =>
        {
            Assert.True(p.Dropout!.DroppedOutOn >= p.Determination!.NotifiedOn);
            Assert.True(p.Offer is null || p.Dropout.DroppedOutOn > p.Offer.OfferedOn && p.Dropout.DroppedOutOn < p.Offer.PlannedStart);
            Assert.True(p.Offer?.AnsweredOn is null || p.Dropout.DroppedOutOn > p.Offer.AnsweredOn);
            Assert.Equal(p.Dropout.Reason == DropoutReason.Moved, p.Dropout.MovedTo is not null);
            Assert.NotEqual(p.Municipality, p.Dropout.MovedTo);
        });
    }

    [Fact]
    public void No_step_is_after_the_last_day()
    {
        Assert.All(history.Persons, p => Assert.All(
            new DateOnly?[]
            {
                p.ReceivedOn, p.Advice?.IssuedOn, p.Determination?.NotifiedOn, p.Offer?.OfferedOn, p.Offer?.AnsweredOn,
                p.Placement?.StartOn, p.Placement?.LastDay, p.Alternative?.OfferedOn, p.Dropout?.DroppedOutOn,
            },
            day => Assert.True(day is null || day <= LetterHistoryOfTheSeed.LastDay)));
    }

    [Fact]
    public void Persons_are_adults_with_unique_numbers_that_pass_the_eleven_test()
    {
        int[] weights = [9, 8, 7, 6, 5, 4, 3, 2, -1];
        Assert.Equal(history.Persons.Count, history.Persons.Select(p => p.Bsn).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, history.Persons.Count), history.Persons.Select(p => p.Number));
        Assert.All(history.Persons, p =>
        {
            Assert.Matches("^[0-9]{9}$", p.Bsn);
            Assert.Equal(0, p.Bsn.Zip(weights, (digit, weight) => (digit - '0') * weight).Sum() % 11);
            Assert.InRange(p.BirthDate, p.ReceivedOn.AddYears(-60), p.ReceivedOn.AddYears(-18));
            Assert.Contains(' ', p.Name);
        });
    }

    [Fact]
    public void The_company_of_an_offer_serves_the_municipality_and_every_region_places_people()
    {
        var companies = history.Reference.Companies.ToDictionary(c => c.Id);
        var offers = history.Persons.Where(p => p.Offer is not null).ToList();

        Assert.All(offers, p => Assert.Contains(p.Municipality, companies[p.Offer!.CompanyId].Serves));
        Assert.Equal(35, offers.Select(p => companies[p.Offer!.CompanyId].LabourMarketRegion).Distinct().Count());
    }

    [Fact]
    public void The_same_seed_gives_the_same_history_and_another_seed_another()
    {
        string Text(ulong seed) => JsonSerializer.Serialize(LetterHistory.Generate(history.Reference, seed));

        Assert.Equal(JsonSerializer.Serialize(history.Persons), Text(LetterHistory.Seed));
        Assert.NotEqual(Text(LetterHistory.Seed), Text(LetterHistory.Seed + 1));
    }

    [Fact]
    public void The_generator_of_numbers_is_SplitMix64_as_published()
    {
        var random = new SplitMix(1234567);

        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], [random.Bits(), random.Bits(), random.Bits()]);
    }
}
