using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.SwCompanies.SwPlatform;

namespace BeschutWerk.Platform.Tests.SwCompanies;

/// <summary>What a municipality took back says nothing any more about who may be placed.</summary>
public sealed class ActsTakenBackTests(SwPlatform platform) : IClassFixture<SwPlatform>
{
    [Fact]
    public async Task On_an_answer_that_was_taken_back_nobody_starts()
    {
        var candidate = await platform.AcceptedAsync();
        await TellAsync(candidate, new ActTakenBack { Kind = ActKind.Answer, OfferId = candidate.OfferId, ActOn = Answered.ToDate() });
        Assert.Equal(ErrorReason.NoAcceptedOffer, await RefusedAsync(candidate));
    }

    [Fact]
    public async Task On_an_offer_that_was_taken_back_nobody_starts()
    {
        var candidate = await platform.AcceptedAsync();
        await TellAsync(candidate, new ActTakenBack { Kind = ActKind.Offer, OfferId = candidate.OfferId, ActOn = Determined.ToDate() });
        Assert.Equal(ErrorReason.NoAcceptedOffer, await RefusedAsync(candidate));
    }

    [Fact]
    public async Task A_withdrawal_that_was_taken_back_keeps_nobody_from_starting()
    {
        var candidate = await platform.AcceptedAsync();
        var (caseId, offerId) = (candidate.CaseId, candidate.OfferId);
        await TellAsync(candidate, new OfferWithdrawn { CaseId = caseId, OfferId = offerId, WithdrawnOn = Start.ToDate() });
        await TellAsync(candidate, new PlaceFreed { CaseId = caseId, OfferId = offerId, FreedFrom = Start.ToDate() });
        Assert.Equal(ErrorReason.NoAcceptedOffer, await RefusedAsync(candidate));
        await TellAsync(candidate, new ActTakenBack { Kind = ActKind.Withdrawal, OfferId = candidate.OfferId, ActOn = Start.ToDate() });
        await platform.AsCompany().ReportPlacementAsync(Request(candidate));
    }

    [Fact]
    public async Task A_decision_that_was_taken_back_leaves_the_one_before_it()
    {
        var candidate = await platform.AcceptedAsync();
        await DecidedAsync(Determination.Negative, Start);
        Assert.Equal(ErrorReason.NoPositiveDetermination, await RefusedAsync(candidate));
        await TakenBackAsync(Start, Determination.Positive, Determined);
        await platform.AsCompany().ReportPlacementAsync(Request(candidate, Report(candidate, Start, Start, 60)));

        // Of two on one day the other one is left.
        await DecidedAsync(Determination.Negative, Determined);
        Assert.Equal(ErrorReason.NoPositiveDetermination, await RefusedAsync(candidate, Start.AddDays(1)));
        await TakenBackAsync(Determined, Determination.Positive, Determined);
        await platform.AsCompany().ReportPlacementAsync(Request(candidate, Report(candidate, Start.AddDays(1), Start.AddDays(1), 60)));

        await TakenBackAsync(Determined, Determination.Unspecified, null);
        Assert.Equal(ErrorReason.NoPositiveDetermination, await RefusedAsync(candidate, Start.AddDays(2)));

        Task DecidedAsync(Determination decision, DateOnly day) => TellAsync(candidate, new CaseDetermined
        {
            CaseId = candidate.CaseId, Determination = decision, DeterminedOn = day.ToDate(), NotifiedOn = day.ToDate(),
        });

        Task TakenBackAsync(DateOnly day, Determination other, DateOnly? otherDay) => TellAsync(candidate, new ActTakenBack
        {
            Kind = ActKind.Determination, ActOn = day.ToDate(), Determination = other, DeterminedOn = otherDay.ToDate(),
        });
    }

    private async Task TellAsync(Candidate candidate, IMessage fact)
    {
        if (fact is ActTakenBack act) (act.CaseId, act.EventId, act.TakenBackOn) = (candidate.CaseId, NewId(), Start.ToDate());
        await platform.TellAsync(fact, candidate.CaseId);
        await platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);
    }

    private async Task<ErrorReason> RefusedAsync(Candidate candidate, DateOnly? day = null)
    {
        var on = day ?? Start;
        var request = Request(candidate, Report(candidate, on, on, 60));
        return (await SwPlatform.RefusedAsync(platform.AsCompany().ReportPlacementAsync(request))).Reason;
    }
}
