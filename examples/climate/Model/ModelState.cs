namespace Climate.Model;

/// <summary>Everything that evolves, at full precision: copying these five fields and the step is a complete restart.</summary>
internal sealed class ModelState
{
    public ModelState(Grid grid)
    {
        Zonal = new double[grid.Cells];
        Meridional = new double[grid.Cells + grid.Columns];
        Depth = new double[grid.Cells];
        Air = new double[grid.Cells];
        Slab = new double[grid.Cells];
    }

    /// <summary>Steps done.</summary>
    public long Step { get; set; }

    /// <summary>Eastward wind on east faces, m/s.</summary>
    public double[] Zonal { get; }

    /// <summary>Northward wind on south faces, m/s; the first and last row lie on the walls and stay 0.</summary>
    public double[] Meridional { get; }

    /// <summary>Depth of the fluid at centres, m.</summary>
    public double[] Depth { get; }

    /// <summary>Near-surface air temperature at centres, K.</summary>
    public double[] Air { get; }

    /// <summary>Temperature of the slab ocean at centres, K.</summary>
    public double[] Slab { get; }

    /// <summary>In the order in which files hold them.</summary>
    public IReadOnlyList<double[]> Fields => [Zonal, Meridional, Depth, Air, Slab];

    public void CopyFieldsFrom(ModelState other)
    {
        for (var f = 0; f < Fields.Count; f++)
        {
            other.Fields[f].CopyTo(Fields[f], 0);
        }
    }
}
