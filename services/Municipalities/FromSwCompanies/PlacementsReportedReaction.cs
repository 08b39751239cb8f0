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
            if (!starts.TryStart(placement, received.Position)) Hear(placement, received, session);
        }
    }

    /// <summary>Of a case that is not known, or of which other facts must be looked at.</summary>
    private static void Hear(ReportedPlacement placement, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        if (session.FindCase(Ids.Parse(placement.CaseId)) is not { } supportCase)
        {
            session.RaiseDiscrepancy(DiscrepancyKind.PlacedWithoutDetermination, placement.PlacementId);
            return;
        }

        session.Hear(supportCase, received.Position);
        // The next placement of the event is looked at and stored by SQL.
        session.Flush();
        session.Store.ChangeTracker.Clear();
    }
}
