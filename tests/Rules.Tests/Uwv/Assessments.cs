using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Rules.Tests.Uwv;

/// <summary>Assessments by their answers: four bits for capacity, then adaptation, then guidance.</summary>
internal static class Assessments
{
    public static Assessment With(int answers) => new()
    {
        WorkCapacity = new WorkCapacity
        {
            CanPerformTask = Answer(answers & 0b1),
            HasBasicSkills = Answer(answers & 0b10),
            CanWorkOneHour = Answer(answers & 0b100),
            LoadableFourHours = Answer(answers & 0b1000),
        },
        Adaptation = Answer(answers & 0b10000),
        Guidance = Answer(answers & 0b100000),
    };

    private static Finding Answer(int bit) => new() { Answer = bit != 0, Motivation = "Gezien op de werkplek." };
}
