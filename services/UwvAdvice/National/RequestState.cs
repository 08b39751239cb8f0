using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.UwvAdvice.National;

/// <summary>How a request stands, as the national index repeats it.</summary>
/// <param name="Outcome">Null: as it was.</param>
internal sealed record RequestState(AdviceState State, Outcome? Outcome, Verdict Verdict, Ground Ground, DateOnly? IssuedOn, long Version)
{
    public static RequestState Of(Dossier dossier) =>
        new(dossier.State, dossier.Outcome, dossier.Verdict, dossier.Ground, dossier.IssuedOn, dossier.Version);

    public bool IsRunning => State is AdviceState.Requested or AdviceState.Assessed;
}
