using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Municipalities.Cases;

namespace BeschutWerk.Municipalities.FromSwCompanies;

/// <summary>Candidates started to work: their offers are realised. What contradicts a case is named, never refused.</summary>
static class PlacementsReportedReaction
{
    public static void Apply(PlacementsReported reported, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        var starts = new StartTables(session);
        foreach (var placement in reported.Placements)
        {
            if (!starts.TryStart(placement, received.Position)) StartAnyhow(placement, received, session);
        }
    }

    /// <summary>Of a case that is not known, or that has no determination or offer to work on.</summary>
    private static void StartAnyhow(ReportedPlacement placement, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        if (session.Store.FindCase(Ids.Parse(placement.CaseId)) is not { } supportCase)
        {
            session.RaiseDiscrepancy(DiscrepancyKind.PlacedWithoutDetermination, placement.PlacementId);
            return;
        }

        session.Remember(supportCase.CaseId, received.Position);
        var offerId = Ids.Parse(placement.OfferId);
        var offer = session.Store.FindOffer(offerId) is { } found && found.CaseId == supportCase.CaseId ? found : null;
        var contradiction = CaseRules.OnPlacement(supportCase.Determination, offer?.State);
        if (contradiction is { } kind) session.RaiseDiscrepancy(supportCase, kind, placement.PlacementId);

        // Who works, works: the ledger counts him. Only without a determination he is no placed candidate of ours.
        if (contradiction != DiscrepancyKind.PlacedWithoutDetermination) supportCase.StartedWork();
        offer?.Realise();
        session.Standings(supportCase.CaseId).Works(
            Ids.Parse(placement.PlacementId), offerId, placement.MinutesPerWeek, placement.StartOn.ToDateOnly(), placement.LastDay.ToDateOnlyOrNull());
        // The next placement of the event is looked at and stored by SQL.
        session.Flush();
        session.Store.ChangeTracker.Clear();
    }
}
