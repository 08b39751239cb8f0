using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Insight.Reading;

/// <summary>
/// Who may read what. Figures of the nation and of regions are for every organisation, those of a region as <see cref="FigureReader"/>
/// tells them to who may not read each municipality of it. Those of one municipality can be about a handful of people: they are for
/// that municipality and for those who advise on or watch over the act.
/// </summary>
internal static class Readers
{
    public static bool MayReadEvery(Caller caller) =>
        caller.Kind is OrganisationKind.Ministry or OrganisationKind.Operator or OrganisationKind.Uwv or OrganisationKind.Cedris;

    public static bool MayRead(Caller caller, string municipality) =>
        MayReadEvery(caller) || (caller.Is(OrganisationKind.Municipality) && caller.Tenants.Contains(municipality));
}
